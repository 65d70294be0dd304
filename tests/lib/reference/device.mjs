// What a device other than the CPU may do: whoever judges one sets globalThis.judgedDevice before references load.

/** subnormal: whether it computes with numbers below 2^-126. excuses: true where its result v may stand for e, from which
 * it is further away than the bound of the CPU. */
export const device = globalThis.judgedDevice ?? { subnormal: true, excuses: (_what, _v, _e) => false };

/** Those of the numbers that the device computes with. */
export const known = (numbers) => numbers.filter((v) => device.subnormal || !(v && Math.abs(v) < 2 ** -126));
