// What a program gave where something else was wanted, in a word or two for messages.

/** 'a Promise (await it)', 'undefined (a return is missing?)', 'an object'... */
export function described(value: unknown): string {
  if (value === undefined) return 'undefined (is a return missing?)';
  if (value === null || typeof value === 'boolean' || typeof value === 'number') return String(value);
  if (typeof value === 'string') return `'${value.slice(0, 40)}'`;
  if (typeof (value as { then?: unknown }).then === 'function') return 'a Promise (await it)';
  if (typeof (value as { iterator?: unknown }).iterator === 'function') return 'a Dataset';
  if (Array.isArray(value)) return 'an array';
  return typeof value === 'function' ? 'a function' : `an object of class ${(value as object).constructor?.name ?? 'Object'}`;
}
