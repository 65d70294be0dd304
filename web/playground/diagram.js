// The net as a picture: a column of features, a column for each layer with a picture of each unit, and lines between
// them that are as thick as their weights. One tab stop; arrow keys go from unit to unit.
import { make } from '../common/page.js';
import { featureGrid, SIDE } from './net.js';
import { colorOf, paintGrid } from '../common/paint.js';
import { FEATURES } from './points.js';
import { MOST_LAYERS, MOST_UNITS } from './state.js';

const svg = (tag) => document.createElementNS('http://www.w3.org/2000/svg', tag);
const plural = (n, word) => `${n} ${word}${n === 1 ? '' : 's'}`;

/** `change({features} or {layers})` is called when one changes the net, `hover(layer, unit)` or `hover(null)` when one
 * looks at a unit: layer -1 is that of the features. */
export function makeDiagram(place, { change, hover }) {
  const lines = svg('svg'),
    columns = make('div', { className: 'columns' });
  lines.setAttribute('class', 'lines');
  lines.setAttribute('aria-hidden', 'true');
  place.append(lines, columns);
  let state = null,
    cells = [], // columns of buttons that are in the net: features, then layers
    paths = [];

  function unit(layer, index, label) {
    const canvas = make('canvas', { width: SIDE, height: SIDE });
    const button = make('button', { className: 'unit', type: 'button', ariaLabel: label, tabIndex: -1 }, canvas);
    const show = () => hover(layer, index),
      leave = () => hover(null);
    button.addEventListener('pointerenter', show);
    button.addEventListener('pointerleave', leave);
    button.addEventListener('focus', show);
    button.addEventListener('blur', leave);
    return button;
  }

  function featureColumn() {
    const buttons = Object.entries(FEATURES).map(([name, { text }]) => {
      const on = state.features.includes(name),
        index = state.features.indexOf(name),
        button = unit(-1, index, `Feature ${text}`);
      button.ariaPressed = String(on);
      button.append(make('span', { textContent: text }));
      button.onclick = () => {
        const list = Object.keys(FEATURES).filter((one) => state.features.includes(one) !== (one === name));
        if (list.length) change({ features: list }, `feature-${name}`);
      };
      button.dataset.key = `feature-${name}`;
      paintGrid(button.firstChild, featureGrid(name), SIDE);
      return button;
    });
    return make('div', { className: 'column features' }, make('h3', { textContent: 'Features' }), ...buttons);
  }

  const small = (text, label, key, disabled, onclick) => {
    const button = make('button', {
      className: 'small',
      type: 'button',
      textContent: text,
      ariaLabel: label,
      disabled,
      onclick,
    });
    button.dataset.key = key;
    return button;
  };

  function layerColumn(units, layer) {
    const set = (n) => change({ layers: state.layers.with(layer, n) }, `${n > units ? 'more' : 'fewer'}-${layer}`);
    const head = make(
      'div',
      { className: 'head' },
      small('−', `Fewer units in layer ${layer + 1}`, `fewer-${layer}`, units <= 1, () => set(units - 1)),
      small('+', `More units in layer ${layer + 1}`, `more-${layer}`, units >= MOST_UNITS, () => set(units + 1)),
    );
    const buttons = Array.from({ length: units }, (_, i) => unit(layer, i, `Unit ${i + 1} of layer ${layer + 1}`));
    return make('div', { className: 'column', title: plural(units, 'unit') }, head, ...buttons);
  }

  /** Lines between all units of neighbouring columns, and from the last to the edge, behind which the output stands. */
  function link() {
    lines.replaceChildren();
    const outer = place.getBoundingClientRect();
    lines.setAttribute('viewBox', `0 0 ${outer.width} ${outer.height}`);
    const middle = (element, side) => {
      const box = element.getBoundingClientRect();
      return [(side ? box.right : box.left) - outer.left, box.top + box.height / 2 - outer.top];
    };
    const edge = [outer.width, outer.height / 2];
    paths = [...cells.slice(1), [null]].map((column, i) =>
      cells[i].flatMap((from) =>
        column.map((to) => {
          const [x, y] = middle(from, true),
            [u, v] = to ? middle(to, false) : edge,
            path = svg('path');
          path.setAttribute('d', `M${x} ${y}C${(x + u) / 2} ${y} ${(x + u) / 2} ${v} ${u} ${v}`);
          lines.append(path);
          return path;
        }),
      ),
    );
  }

  /** Arrow keys go from unit to unit; the one that has the focus is the tab stop. */
  columns.addEventListener('keydown', (event) => {
    const step = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    const all = [...columns.querySelectorAll('.column')].map((one) => [...one.querySelectorAll('.unit')]);
    const column = all.findIndex((list) => list.includes(document.activeElement));
    if (!step || column < 0) return;
    event.preventDefault();
    const list = all[Math.max(0, Math.min(all.length - 1, column + step[0]))],
      row = all[column].indexOf(document.activeElement) + step[1];
    const next = list[Math.max(0, Math.min(list.length - 1, row))];
    for (const one of all.flat()) one.tabIndex = one === next ? 0 : -1;
    next.focus();
  });
  new ResizeObserver(() => state && link()).observe(place);

  return {
    /** Shows the net of a state; `focus` names the control that had the focus. */
    build(of, focus) {
      state = of;
      columns.replaceChildren(featureColumn(), ...state.layers.map(layerColumn));
      const all = [...columns.querySelectorAll('.column')].map((one) => [...one.querySelectorAll('.unit')]);
      cells = [all[0].filter(({ ariaPressed }) => ariaPressed === 'true'), ...all.slice(1)];
      all[0][0].tabIndex = 0;
      link();
      if (focus) columns.querySelector(`[data-key="${focus}"]`)?.focus();
    },
    /** Shows what all units say, and the weights between them. */
    update(pictures, weights) {
      state.layers.forEach((units, layer) =>
        cells[layer + 1]?.forEach((cell, i) => paintGrid(cell.firstChild, pictures[layer], SIDE, i, units)),
      );
      paths.forEach((list, layer) =>
        list.forEach((path, i) => {
          const weight = weights[layer][i]; // kernels are [from, to], and so are the lines
          path.style.strokeWidth = Math.min(7, 0.4 + 2.2 * Math.abs(weight));
          path.style.stroke = colorOf(weight > 0 ? Math.min(1, 0.45 + weight) : Math.max(-1, -0.45 + weight));
        }),
      );
    },
    /** Buttons that add and take away layers. */
    layerButtons(more, fewer) {
      more.disabled = state.layers.length >= MOST_LAYERS;
      fewer.disabled = state.layers.length === 0;
    },
  };
}
