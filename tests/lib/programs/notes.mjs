// What programs note on their way, as plain values, in Node and in a page.
import { programs as control } from './control.mjs';
import { programs as pictures } from './pictures.mjs';
import { programs as sequences } from './sequences.mjs';

export const programs = { ...sequences, ...pictures, ...control };

function plain(value) {
  if (value === null || typeof value !== 'object') return value;
  if (typeof value.dataSync === 'function')
    return { shape: value.shape, dtype: value.dtype, values: [...value.dataSync()] };
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, v]) => [key, plain(v)]));
}

/** Runs a program with a library. */
export async function notesOf(lib, name) {
  const notes = {};
  await programs[name](lib, (key, value) => {
    notes[key] = plain(value);
  });
  return notes;
}
