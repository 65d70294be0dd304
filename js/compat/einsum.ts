// Reading of einsum equations, for packages that bring kernels of their own.
import type { Tensor } from '../core/tensor';
import { want } from '../core/want';
import { refuse } from './refuse';

/** The labels of an equation, and which of them each operand, and the sum, has. */
export function decodeEinsumEquation(
  equation: string,
  numTensors: number,
): { allDims: string[]; summedDims: number[]; idDims: number[][] } {
  want('backend_util.decodeEinsumEquation', { equation }, 'string');
  want('backend_util.decodeEinsumEquation', { numTensors }, 'integer');
  const text = equation.replace(/\s/g, ''),
    arrows = text.split('->').length - 1;
  if (arrows < 1) refuse('Equations without an arrow are not supported.');
  if (arrows > 1) refuse('Equation must contain exactly one arrow ("->").');
  const [left, right] = text.split('->');
  if (left.includes('...')) refuse('The ellipsis notation ("...") is not supported yet.');
  const terms = left.split(',');
  if (terms.length !== numTensors) refuse(`Expected ${terms.length} input tensors, received ${numTensors}`);
  if (numTensors > 2) refuse('Support for more than 2 input tensors is not implemented yet.');
  const allDims: string[] = [];
  for (const label of right) {
    if (!terms.some((term) => term.includes(label)))
      refuse(`Output subscripts contain the label ${label} not present in the input subscripts.`);
    if (!allDims.includes(label)) allDims.push(label);
  }
  for (const label of left) if (label !== ',' && !allDims.includes(label)) allDims.push(label);
  const idDims = terms.map((term) => {
    if (new Set(term).size !== term.length)
      refuse(
        `Found duplicate axes in input component ${term}. Support for duplicate axes in input is not implemented yet.`,
      );
    return Array.from(term, (label) => allDims.indexOf(label));
  });
  return { allDims, summedDims: allDims.map((_, i) => i).slice(right.length), idDims };
}

/** Where each axis of an operand goes among all, and the axes it lacks. */
export function getEinsumPermutation(
  nDims: number,
  idDims: number[],
): { permutationIndices: number[]; expandDims: number[] } {
  want('backend_util.getEinsumPermutation', { nDims }, 'rank');
  want('backend_util.getEinsumPermutation', { idDims }, 'integers');
  const places = new Array(nDims).fill(-1);
  idDims.forEach((dim, i) => {
    places[dim] = i;
  });
  return {
    permutationIndices: places.filter((at) => at !== -1),
    expandDims: places.flatMap((at, i) => (at === -1 ? [i] : [])),
  };
}

/** Refuses a label that stands for two sizes. */
export function checkEinsumDimSizes(nDims: number, idDims: number[][], tensors: Tensor[]): void {
  want('backend_util.checkEinsumDimSizes', { nDims }, 'rank');
  want('backend_util.checkEinsumDimSizes', { idDims }, 'shapes');
  want('backend_util.checkEinsumDimSizes', { tensors }, 'allShaped');
  const sizes: (number | undefined)[] = new Array(nDims);
  tensors.forEach(({ shape }, i) =>
    (idDims[i] ?? []).forEach((dim, j) => {
      if (sizes[dim] === undefined) sizes[dim] = shape[j];
      else if (sizes[dim] !== shape[j])
        refuse(
          `Expected dimension ${sizes[dim]} at axis ${j} of input shaped ${JSON.stringify(shape)}, but got dimension ${shape[j]}`,
        );
    }),
  );
}

/** The order in which labels are summed, and the operands that each step takes in. */
export function getEinsumComputePath(summedDims: number[], idDims: number[][]): { path: number[]; steps: number[][] } {
  want('backend_util.getEinsumComputePath', { summedDims }, 'integers');
  want('backend_util.getEinsumComputePath', { idDims }, 'shapes');
  const path = summedDims.length ? summedDims.slice() : [-1],
    used = new Set<number>();
  const steps = path.map((dim) =>
    idDims.flatMap((dims, i) => {
      if (!(dims.includes(dim) || dim === -1) || used.has(i)) return [];
      used.add(i);
      return [i];
    }),
  );
  steps.push([]); // a kernel sums after each step but the last
  return { path, steps };
}

export function isIdentityPermutation(perm: number[]): boolean {
  want('backend_util.isIdentityPermutation', { perm }, 'integers');
  return perm.every((dim, i) => dim === i);
}
