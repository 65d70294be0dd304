// Spellings of names: JavaScript's, Python's, TensorFlow's.

/** batch_size becomes batchSize. */
export const camelCase = (name: string): string => name.replace(/_+(\w)/g, (_, c: string) => c.toUpperCase());

export const capitalized = (name: string): string => name[0].toUpperCase() + name.slice(1);

/** In lower case, without underscores: the same for ReLU, reLU and re_lu. */
export const normalized = (name: string): string => name.toLowerCase().replaceAll('_', '');
