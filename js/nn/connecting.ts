// Layers applied to symbolic tensors, and the shapes and symbols that come of it.
import * as core from '../wasm/core';
import { TensorineError } from '../wasm/errors';
import { call, pointers, single, stringify } from '../core/calls';
import { strings } from '../core/strings';
import { want } from '../core/want';
import type { AnyLayer } from './any_layer';
import { connectFlags } from './call_flags';
import type { CallArgs } from './symbol';
import { symbols, type Shape, type SymbolicTensor } from './symbol';

export function connect(layer: AnyLayer, inputs: SymbolicTensor[], kwargs: CallArgs): SymbolicTensor[] {
  connectFlags(layer, kwargs);
  for (const s of inputs) layer.kept.add(s.sourceLayer);
  const list = () => pointers(inputs.map((s) => s.ptr));
  const results = symbols(layer.name, () => core.x.tn_layer_connect(layer.ptr, list()));
  const mismatch = core.text(call(layer.name, () => core.x.tn_layer_mismatch(layer.ptr, list())));
  if (mismatch) console.warn(mismatch);
  for (const symbol of results) symbol.callArgs = kwargs;
  layer.kept.add(results);
  return results;
}

export function symbolsAt(layer: AnyLayer, node: number, results: boolean): SymbolicTensor | SymbolicTensor[] {
  want(layer.name, { nodeIndex: node }, 'integer');
  return single(symbols(layer.name, () => core.x.tn_layer_symbols(layer.ptr, node, Number(results))));
}

export function onlySymbols(layer: AnyLayer, what: string, results: boolean): SymbolicTensor | SymbolicTensor[] {
  const nodes = core.x.tn_layer_node_count(layer.ptr);
  if (nodes === 1) return symbolsAt(layer, 0, results);
  throw new TensorineError(
    'value',
    nodes
      ? `Layer ${layer.name} has multiple inbound nodes, hence the notion of "layer ${what}" is ill-defined. ` +
          `Use \`get${what === 'input' ? 'Input' : 'Output'}At(nodeIndex)\` instead.`
      : `Layer ${layer.name} has no inbound nodes: it is not connected, no ${what} to return.`,
  );
}

export function shapesOf(symbols: SymbolicTensor | SymbolicTensor[]): Shape | Shape[] {
  return Array.isArray(symbols) ? symbols.map((s) => s.shape) : symbols.shape;
}

/** The shape of a layer's results, where it is the same in all nodes. */
export function outputShape(layer: AnyLayer): Shape | Shape[] {
  const shapes = layer.inboundNodes.map((node) => node.outputShapes),
    strings = shapes.map((s) => JSON.stringify(s));
  if (!shapes.length)
    throw new TensorineError(
      'value',
      `The layer ${layer.name} has never been called and thus has no defined output shape.`,
    );
  if (strings.some((text) => text !== strings[0]))
    throw new TensorineError(
      'value',
      `The layer ${layer.name} has multiple inbound nodes with different output shapes. Hence the ` +
        'notion of "output shape" is ill-defined for the layer.',
    );
  return single(shapes[0]);
}

/** A shape or several, for the core. */
export function shapeJSON(layer: AnyLayer, inputShape: Shape | Shape[]): number {
  want(layer.name, { inputShape }, 'openShapes');
  return strings(stringify(Array.isArray(inputShape[0]) ? inputShape : [inputShape], layer.name))[0];
}
