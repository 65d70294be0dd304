// The plane: points that one adds, drags and removes, the curve, and how far it misses each point. The middle is (0, 0),
// the edges are at -1 and 1.

const WIDTH = 600,
  HEIGHT = 420,
  STEP = 0.05; // of an arrow key

const svg = (tag, attributes = {}) => {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
};
const left = (x) => ((x + 1) / 2) * WIDTH;
const top = (y) => ((1 - y) / 2) * HEIGHT;
const clamp = (v) => Math.max(-1, Math.min(1, v));

/** `changed()` is called when points come, go or move. */
export function makePlot(root, changed) {
  root.setAttribute('viewBox', `0 0 ${WIDTH} ${HEIGHT}`);
  const grid = svg('path', {
    class: 'grid',
    d: `M0 ${top(0)}H${WIDTH}M${left(0)} 0V${HEIGHT}`,
  });
  const curve = svg('path', { class: 'line' }),
    misses = svg('g', { class: 'misses' }),
    dots = svg('g');
  root.append(grid, misses, curve, dots);
  let points = [];

  const place = (event) => {
    const box = root.getBoundingClientRect();
    return {
      x: clamp((2 * (event.clientX - box.left)) / box.width - 1),
      y: clamp(1 - (2 * (event.clientY - box.top)) / box.height),
    };
  };

  function show(point) {
    point.dot.setAttribute('cx', left(point.x));
    point.dot.setAttribute('cy', top(point.y));
    const at = `${point.x.toFixed(2)}, ${point.y.toFixed(2)}`;
    point.dot.setAttribute('aria-label', `Point at ${at}. Arrow keys move it, Delete removes it.`);
  }
  function move(point, to) {
    Object.assign(point, { x: clamp(to.x), y: clamp(to.y) });
    show(point);
    changed();
  }
  function remove(point) {
    if (points.length <= 1) return;
    const at = points.indexOf(point);
    points.splice(at, 1);
    point.dot.remove();
    points[Math.min(at, points.length - 1)].dot.focus();
    changed();
  }

  function add({ x, y }) {
    const dot = svg('circle', { class: 'dot', r: 9, tabindex: 0, role: 'button' });
    const point = { x, y, dot };
    dot.addEventListener('pointerdown', (event) => {
      if (event.button !== 0) return;
      event.stopPropagation();
      dot.setPointerCapture(event.pointerId);
    });
    dot.addEventListener('pointermove', (event) => {
      if (dot.hasPointerCapture(event.pointerId)) move(point, place(event));
    });
    dot.addEventListener('dblclick', () => remove(point));
    dot.addEventListener('keydown', (event) => {
      const arrow = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
      if (!arrow && event.key !== 'Delete' && event.key !== 'Backspace') return;
      event.preventDefault();
      if (arrow) move(point, { x: point.x + arrow[0] * STEP, y: point.y + arrow[1] * STEP });
      else remove(point);
    });
    points.push(point);
    dots.append(dot);
    show(point);
    return point;
  }

  root.addEventListener('pointerdown', (event) => {
    if (event.button !== 0) return;
    const { dot } = add(place(event));
    dot.setPointerCapture(event.pointerId);
    changed();
  });

  return {
    get points() {
      return points.map(({ x, y }) => ({ x, y }));
    },
    set points(list) {
      dots.replaceChildren();
      points = [];
      list.forEach(add);
      changed();
    },
    /** Adds a point for those who have no pointer, and goes to it. */
    addOne() {
      add({ x: Math.round(20 * (2 * Math.random() - 1)) / 20, y: 0 }).dot.focus();
      changed();
    },
    /** Draws a function of x; one without finite values leaves what is drawn. */
    draw(f) {
      if (!Number.isFinite(f(1)) || !Number.isFinite(f(-1))) return;
      const path = Array.from({ length: 121 }, (_, i) => {
        const x = (2 * i) / 120 - 1,
          y = Math.max(-3, Math.min(3, f(x)));
        return `${left(x).toFixed(1)} ${top(y).toFixed(1)}`;
      });
      curve.setAttribute('d', `M${path.join('L')}`);
      misses.replaceChildren(
        ...points.map(({ x, y }) =>
          svg('path', { d: `M${left(x)} ${top(y)}V${top(Math.max(-3, Math.min(3, f(x))))}` }),
        ),
      );
    },
  };
}
