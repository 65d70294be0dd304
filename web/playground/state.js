// All that one can choose, and how it is written in the page's address, so that it can be shared. What is not a choice
// there is (an address is written by anyone) is as if it were not written.
import { FEATURES, NAMES } from './points.js';

export const MOST_LAYERS = 6,
  MOST_UNITS = 8;

const oneOf =
  (...list) =>
  (text) =>
    list.includes(text) ? text : undefined;
const number = (low, high) => (text) => {
  const value = Number(text);
  return text !== '' && value >= low && value <= high ? value : undefined;
};
const features = (text) => {
  const list = Object.keys(FEATURES).filter((name) => text.split(',').includes(name));
  return list.length ? list : undefined;
};
const layers = (text) => {
  const list = text === '' ? [] : text.split(',').map(Number);
  const fits = list.length <= MOST_LAYERS && list.every((n) => Number.isInteger(n) && n >= 1 && n <= MOST_UNITS);
  return fits ? list : undefined;
};

/** What each is at first, and how its text is read. */
const CHOICES = {
  data: ['circle', oneOf(...Object.keys(NAMES))],
  noise: [0.1, number(0, 0.5)],
  train: [0.5, number(0.1, 0.9)],
  batch: [10, number(1, 50)],
  features: [['x', 'y'], features],
  layers: [[4, 2], layers],
  activation: ['tanh', oneOf('tanh', 'relu', 'sigmoid', 'linear')],
  optimizer: ['adam', oneOf('adam', 'momentum', 'sgd')],
  rate: [0.01, number(1e-5, 10)],
  regularizer: ['none', oneOf('none', 'l1', 'l2')],
  strength: [0.001, number(0, 10)],
  seed: [1, number(0, 1e9)],
};

export function readState(hash = location.hash) {
  const given = new URLSearchParams(hash.replace(/^#/, ''));
  const entries = Object.entries(CHOICES).map(([name, [first, read]]) => [
    name,
    (given.has(name) ? read(given.get(name)) : undefined) ?? first,
  ]);
  return Object.fromEntries(entries);
}

/** The address of a state: only what is not as at first. */
export function addressOf(state) {
  const entries = Object.entries(CHOICES)
    .filter(([name, [first]]) => String(state[name]) !== String(first))
    .map(([name]) => `${name}=${encodeURIComponent(state[name]).replaceAll('%2C', ',')}`);
  return `#${entries.join('&')}`;
}
