// The loss of one neuron over its weight and bias, as a picture of hills, and the way that it has gone down. A click or
// the arrow keys put it somewhere else.

const SIDE = 120,
  REACH = 2; // weight and bias from -REACH to REACH

const parse = (hex) => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16));

/** `moved(weight, bias)` is called when one puts it elsewhere. */
export function makeSurface(canvas, moved) {
  const hills = document.createElement('canvas');
  hills.width = hills.height = SIDE;
  let way = [];

  const left = (weight) => ((weight + REACH) / (2 * REACH)) * canvas.width;
  const top = (bias) => ((REACH - bias) / (2 * REACH)) * canvas.height;
  const go = (weight, bias) => {
    const clamp = (v) => Math.max(-REACH, Math.min(REACH, v));
    moved(clamp(weight), clamp(bias));
  };

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const part = [event.offsetX / canvas.clientWidth, event.offsetY / canvas.clientHeight];
    go(part[0] * 2 * REACH - REACH, REACH - part[1] * 2 * REACH);
  });
  canvas.addEventListener('keydown', (event) => {
    const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
    if (!arrow || !way.length) return;
    event.preventDefault();
    const [weight, bias] = way.at(-1);
    go(weight + 0.2 * arrow[0], bias + 0.2 * arrow[1]);
  });

  /** Loss at each place, in bands of equal steps of its logarithm. */
  function paintHills(points) {
    const dark = matchMedia('(prefers-color-scheme: dark)').matches;
    const [low, high] = (dark ? ['#ff9a4d', '#1d1b18'] : ['#e8590c', '#fdf6ec']).map(parse);
    const losses = Array.from({ length: SIDE * SIDE }, (_, i) => {
      const weight = (((i % SIDE) + 0.5) / SIDE) * 2 * REACH - REACH,
        bias = REACH - ((Math.floor(i / SIDE) + 0.5) / SIDE) * 2 * REACH;
      return Math.log(1e-3 + points.reduce((sum, { x, y }) => sum + (weight * x + bias - y) ** 2, 0) / points.length);
    });
    const least = Math.min(...losses),
      range = Math.max(...losses) - least || 1;
    const context = hills.getContext('2d'),
      image = context.createImageData(SIDE, SIDE);
    losses.forEach((loss, i) => {
      const part = Math.floor(((loss - least) / range) * 14) / 14;
      image.data.set([...low.map((v, k) => v + (high[k] - v) * part), 255], 4 * i);
    });
    context.putImageData(image, 0, 0);
  }

  function draw() {
    const context = canvas.getContext('2d');
    context.imageSmoothingEnabled = true;
    context.drawImage(hills, 0, 0, canvas.width, canvas.height);
    if (!way.length) return;
    const ink = matchMedia('(prefers-color-scheme: dark)').matches ? '#fff' : '#21201c';
    context.beginPath();
    way.forEach(([weight, bias], i) => context[i ? 'lineTo' : 'moveTo'](left(weight), top(bias)));
    context.strokeStyle = ink;
    context.lineWidth = 2;
    context.stroke();
    context.beginPath();
    context.arc(left(way.at(-1)[0]), top(way.at(-1)[1]), 6, 0, 7);
    context.fillStyle = ink;
    context.fill();
  }

  return {
    /** Other points make other hills. */
    shape(points) {
      paintHills(points);
      draw();
    },
    /** The neuron is there now. */
    step(weight, bias) {
      way.push([weight, bias]);
      if (way.length > 4000) way = way.filter((_, i) => i % 2 === 0);
      draw();
    },
    forget() {
      way = [];
    },
  };
}
