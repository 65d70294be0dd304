// How well it does on digits held out: confusion, accuracy by digit, and a table whose first rows are the worst errors.
import { $, make, shareBar } from '../common/page.js';
import * as tfvis from '../../dist/vis.mjs';
import { digitAt, paint } from './data.js';

const PAGE = 40;
const NAMES = Array.from({ length: 10 }, (_, i) => String(i));

/** The worst first: errors by how sure the net was of them, then what is right by how unsure it was. */
function sorted(parts, digits) {
  const rows = [];
  for (let k = 0; k < parts.length / 10; k++) {
    const index = digits.training + k,
      truth = digits.labels[index],
      all = parts.subarray(10 * k, 10 * k + 10);
    const guess = all.indexOf(Math.max(...all));
    rows.push({ index, truth, guess, sure: all[guess] });
  }
  const order = (row) => (row.truth === row.guess ? 1 + row.sure : 1 - row.sure);
  return rows.sort((a, b) => order(a) - order(b));
}

/** `pick(index)` is called with a digit that somebody wants to see on the pad. */
export function makeResults(tf, digits, pick) {
  let rows = [],
    shown = 0;

  function line({ index, truth, guess, sure }) {
    const picture = make('canvas', { role: 'img', ariaLabel: `A ${truth}` });
    paint(picture, digitAt(digits, index), digits.side, 1);
    const bar = shareBar('');
    bar.label.remove();
    bar.set(sure);
    const button = make('button', { className: 'plain', title: 'Put it on the pad', onclick: () => pick(index) }, '✎');
    return make(
      'tr',
      {},
      make('td', {}, picture),
      make('td', { textContent: truth }),
      make('td', { textContent: guess, className: truth === guess ? '' : 'wrong' }),
      make('td', { className: 'sure' }, bar.element),
      make('td', {}, button),
    );
  }

  $('#only').append(...NAMES.map((name) => new Option(`the ${name}s`, name)));

  /** The rows that one wants to see: all, errors, or those of one digit. */
  function wanted() {
    const only = $('#only').value;
    if (only === 'all') return rows;
    return rows.filter(({ truth, guess }) => (only === 'wrong' ? truth !== guess : truth === Number(only)));
  }
  const more = () => {
    const list = wanted();
    $('#rows').append(...list.slice(shown, shown + PAGE).map(line));
    shown = Math.min(shown + PAGE, list.length);
    $('#more').hidden = shown >= list.length;
  };
  const anew = () => {
    shown = 0;
    $('#rows').replaceChildren();
    more();
  };
  $('#more').addEventListener('click', more);
  $('#only').addEventListener('change', anew);

  async function charts() {
    const truth = tf.tensor1d(
        rows.map((row) => row.truth),
        'int32',
      ),
      guess = tf.tensor1d(
        rows.map((row) => row.guess),
        'int32',
      );
    const values = await tfvis.metrics.confusionMatrix(truth, guess, 10),
      classes = await tfvis.metrics.perClassAccuracy(truth, guess, 10);
    tf.dispose([truth, guess]);
    $('#noConfusion').hidden = true;
    await tfvis.render.confusionMatrix(
      $('#confusion'),
      { values, tickLabels: NAMES },
      { shadeDiagonal: false, height: 330 },
    );
    await tfvis.render.barchart(
      $('#classes'),
      classes.map(({ accuracy }, index) => ({ index, value: 100 * accuracy })),
      { xLabel: 'digit', yLabel: 'percent right', height: 330 },
    );
  }

  return {
    /** Shows the predictions for the digits held out: `parts` are ten numbers for each. */
    async show(parts) {
      rows = sorted(parts, digits);
      const wrong = rows.filter(({ truth, guess }) => truth !== guess).length;
      $('#counted').textContent = `${rows.length - wrong} of ${rows.length} are right, ${wrong} wrong.`;
      anew();
      await charts();
    },
  };
}
