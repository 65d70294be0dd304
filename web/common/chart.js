// A small line chart in SVG that grows as numbers come.

const NS = 'http://www.w3.org/2000/svg';
const BOX = { left: 38, top: 10, right: 310, bottom: 140, width: 316, height: 176 };

function svg(tag, attributes, text) {
  const element = document.createElementNS(NS, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  if (text !== undefined) element.textContent = text;
  return element;
}

/** A round number at or above x: 1, 2 or 5 times a power of ten. */
function ceiling(x) {
  const power = 10 ** Math.floor(Math.log10(x || 1));
  return [1, 2, 5, 10].map((m) => m * power).find((m) => m >= x) ?? x;
}

const short = (x) => String(Number(x.toPrecision(3)));

/** Puts a chart into `parent`: add(y) appends a value, clear() begins anew. */
export function lineChart(parent, { xLabel, yLabel }) {
  const root = svg('svg', { class: 'chart', viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: 'img' });
  const title = svg('title', {}),
    scale = svg('g', {});
  const line = svg('polyline', { class: 'line', points: '' });
  root.append(title, scale, line, svg('text', { x: BOX.left, y: BOX.height - 4 }, `${yLabel} by ${xLabel}`));
  parent.append(root);
  let values = [];

  const draw = () => {
    root.toggleAttribute('hidden', !values.length);
    const top = ceiling(Math.max(...values, 1e-6)),
      last = Math.max(values.length - 1, 1);
    const x = (i) => BOX.left + (i / last) * (BOX.right - BOX.left);
    const y = (v) => BOX.bottom - (Math.min(v, top) / top) * (BOX.bottom - BOX.top);
    scale.replaceChildren(
      ...[0, 0.5, 1].flatMap((part) => [
        svg('line', { class: 'grid', x1: BOX.left, x2: BOX.right, y1: y(part * top), y2: y(part * top) }),
        svg('text', { x: BOX.left - 6, y: y(part * top) + 4, 'text-anchor': 'end' }, short(part * top)),
      ]),
      svg('text', { x: BOX.left, y: BOX.bottom + 14 }, '1'),
      svg('text', { x: BOX.right, y: BOX.bottom + 14, 'text-anchor': 'end' }, values.length || ''),
    );
    line.setAttribute('points', values.map((v, i) => `${x(i).toFixed(1)},${y(v).toFixed(1)}`).join(' '));
    title.textContent = `${yLabel} by ${xLabel}: from ${short(values[0] ?? 0)} to ${short(values.at(-1) ?? 0)}`;
  };
  draw();
  return {
    add(value) {
      if (Number.isFinite(value)) {
        values.push(value);
        draw();
      }
    },
    clear() {
      values = [];
      draw();
    },
  };
}
