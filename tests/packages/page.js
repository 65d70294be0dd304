// What programs ask of a page: addresses, and parts of photographs as canvases.
globalThis.host = {
  url: (path) => `${location.origin}${path}`,
  async picture(path, { left, top, width, height, size }) {
    const image = new Image();
    image.src = path;
    await image.decode();
    const canvas = Object.assign(document.createElement('canvas'), {
      width: size,
      height: Math.round((size * height) / width),
    });
    canvas
      .getContext('2d', { willReadFrequently: true })
      .drawImage(image, left, top, width, height, 0, 0, canvas.width, canvas.height);
    return canvas;
  },
};
