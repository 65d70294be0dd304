// The pad to write on, by mouse, pen, finger or keyboard, and what is written there as the net takes it: white on black,
// as large as the digits of the set, its weight in the middle.

const PEN = 20, // of the pad's own pixels
  BOX = 20, // of 28, which the ink fills
  STEP = 14; // pixels of an arrow key

/** `changed` is called after each stroke; with an empty pad too. */
export function makePad(canvas, side, changed) {
  const context = canvas.getContext('2d', { willReadFrequently: true });
  let strokes = [],
    shown = null, // a digit of the set, instead of strokes
    waiting = false;
  const pen = { x: canvas.width / 2, y: canvas.height / 3, down: false, visible: false };

  const tell = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      changed();
    });
  };

  function trace(to, width) {
    to.lineWidth = width;
    to.lineCap = to.lineJoin = 'round';
    to.strokeStyle = '#fff';
    for (const [[x, y], ...rest] of strokes) {
      to.beginPath();
      to.moveTo(x, y);
      to.lineTo(x, y + 0.01);
      for (const [u, v] of rest) to.lineTo(u, v);
      to.stroke();
    }
  }

  function draw() {
    context.fillStyle = '#000';
    context.fillRect(0, 0, canvas.width, canvas.height);
    if (shown) {
      context.imageSmoothingEnabled = false;
      context.drawImage(shown, 0, 0, canvas.width, canvas.height);
    }
    trace(context, PEN);
    if (!pen.visible) return;
    context.beginPath();
    context.arc(pen.x, pen.y, PEN / 2, 0, 7);
    context.fillStyle = pen.down ? '#ff9a4d' : 'transparent';
    context.strokeStyle = '#ff9a4d';
    context.lineWidth = 2;
    context.fill();
    context.stroke();
  }

  function begin(x, y) {
    if (shown) [shown, strokes] = [null, []];
    strokes.push([[x, y]]);
    draw();
    tell();
  }
  function extend(x, y) {
    strokes.at(-1).push([x, y]);
    draw();
    tell();
  }
  const placeOf = ({ offsetX, offsetY }) => [
    (offsetX / canvas.clientWidth) * canvas.width,
    (offsetY / canvas.clientHeight) * canvas.height,
  ];

  canvas.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    pen.visible = false;
    begin(...placeOf(event));
  });
  canvas.addEventListener('pointermove', (event) => {
    if (!canvas.hasPointerCapture(event.pointerId) || !strokes.length) return;
    for (const one of event.getCoalescedEvents?.() ?? [event]) extend(...placeOf(one));
  });

  const clear = () => {
    strokes = [];
    shown = null;
    pen.down = false;
    draw();
    tell();
  };
  const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
  canvas.addEventListener('keydown', (event) => {
    const { key } = event,
      arrow = ARROWS[key];
    if (!arrow && key !== ' ' && key !== 'Delete' && key !== 'Backspace') return;
    event.preventDefault();
    pen.visible = true;
    if (arrow) {
      pen.x = Math.max(0, Math.min(canvas.width, pen.x + arrow[0] * STEP));
      pen.y = Math.max(0, Math.min(canvas.height, pen.y + arrow[1] * STEP));
      if (pen.down) return extend(pen.x, pen.y);
    } else if (key === ' ') {
      pen.down = !pen.down;
      if (pen.down) return begin(pen.x, pen.y);
    } else return clear();
    draw();
  });
  canvas.addEventListener('blur', () => {
    pen.visible = pen.down = false;
    draw();
  });

  /** Strokes on a picture of side * side: as large as BOX says, the centre of its ink in the middle. */
  function centred() {
    const points = strokes.flat(),
      xs = points.map(([x]) => x),
      ys = points.map(([, y]) => y);
    const [left, right, top, bottom] = [Math.min(...xs), Math.max(...xs), Math.min(...ys), Math.max(...ys)];
    const scale = (BOX * (side / 28)) / (Math.max(right - left, bottom - top, canvas.width / 5) + PEN);
    const small = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
    const place = (dx, dy) => {
      small.setTransform(1, 0, 0, 1, 0, 0);
      small.fillStyle = '#000';
      small.fillRect(0, 0, side, side);
      small.setTransform(scale, 0, 0, scale, side / 2 + dx, side / 2 + dy);
      small.translate(-(left + right) / 2, -(top + bottom) / 2);
      trace(small, Math.max(PEN, 2.3 / scale));
      return Float32Array.from({ length: side * side }, (_, i) => i).map(
        (
          (data) => (i) =>
            data[4 * i] / 255
        )(small.getImageData(0, 0, side, side).data),
      );
    };
    const first = place(0, 0);
    let mass = 0,
      x = 0,
      y = 0;
    first.forEach(
      (ink, i) => ((mass += ink), (x += ink * ((i % side) + 0.5)), (y += ink * (Math.floor(i / side) + 0.5))),
    );
    return place(side / 2 - x / mass, side / 2 - y / mass);
  }

  draw();
  return {
    clear,
    /** Shows a digit of the set; `values` are bytes. */
    show(values) {
      strokes = [];
      shown = document.createElement('canvas');
      shown.width = shown.height = side;
      const small = shown.getContext('2d'),
        image = small.createImageData(side, side);
      values.forEach((v, i) => image.data.set([v, v, v, 255], 4 * i));
      small.putImageData(image, 0, 0);
      draw();
      tell();
    },
    /** side * side numbers from 0 to 1, or null if nothing is written. */
    read() {
      if (strokes.length) return centred();
      if (!shown) return null;
      const { data } = shown.getContext('2d').getImageData(0, 0, side, side);
      return Float32Array.from({ length: side * side }, (_, i) => data[4 * i] / 255);
    },
  };
}
