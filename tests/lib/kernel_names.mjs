// The names of kernels: the constants whose value is a text that begins in upper case or with _Fused.
export const kernelNames = (lib) =>
  Object.values(lib).filter((v) => typeof v === 'string' && /^(_Fused)?[A-Z]\w+$/.test(v));
