// Models as the commands take them: a model.json, the folder that has it, or a URL; layers or graph by what it holds.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as tf from '../index';
import { Failure } from './command';

interface GraphNode {
  name: string;
  op: string;
}
export interface ModelFile {
  modelTopology: { node?: GraphNode[]; library?: { function?: { nodeDef?: GraphNode[] }[] } };
  weightsManifest?: { weights: { name: string; shape: number[]; dtype: string }[] }[];
}

/** What is written beside a model: names of its classes, and the values its pictures have. */
export interface Metadata {
  labels?: string[];
  range?: [number, number];
}

export interface Opened {
  url: string;
  json: ModelFile;
  kind: 'layers' | 'graph';
  metadata: Metadata;
}

const isURL = (path: string) => /^https?:\/\//.test(path);

/** The path of a model.json: a folder's is the one in it. */
function find(path: string): string {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat) throw new Failure(`${path} does not exist: give the path of a model.json, or of its folder`);
  if (!stat.isDirectory()) return path;
  const inside = join(path, 'model.json');
  if (!existsSync(inside)) throw new Failure(`${path} has no model.json: give the path of the model's file`);
  return inside;
}

async function fetched(url: string): Promise<string> {
  const answer = await fetch(url).catch((error: Error) => {
    throw new Failure(`${url} cannot be reached (${(error.cause as Error)?.message ?? error.message}): give a file`);
  });
  if (!answer.ok) throw new Failure(`${url} answers ${answer.status}: is the address that of a model.json?`);
  return answer.text();
}

function parse<T>(text: string, where: string, what: string): T {
  try {
    return JSON.parse(text);
  } catch {
    throw new Failure(`${where} is no JSON: ${what}`);
  }
}

/** Reads what is beside a model, if it is there. */
function metadataOf(file: string): Metadata {
  const path = join(dirname(file), 'metadata.json');
  if (!existsSync(path)) return {};
  return parse<Metadata>(readFileSync(path, 'utf8'), path, 'mend it, or take it away from beside the model');
}

const CONVERT = 'give the model.json that model.save or tensorflowjs_converter wrote';

/** Reads a model's description; its weights are not touched. */
export async function open(path: string): Promise<Opened> {
  const file = isURL(path) ? path : find(path);
  const json = parse<ModelFile>(isURL(path) ? await fetched(path) : readFileSync(file, 'utf8'), file, CONVERT);
  if (typeof json?.modelTopology !== 'object' || !json.modelTopology)
    throw new Failure(`${file} has no modelTopology: ${CONVERT}`);
  return {
    url: isURL(path) ? path : pathToFileURL(resolve(file)).href,
    json,
    kind: Array.isArray(json.modelTopology.node) || json.modelTopology.library ? 'graph' : 'layers',
    metadata: isURL(path) ? {} : metadataOf(file),
  };
}

export type Model = tf.LayersModel | tf.GraphModel;

/** The model with its weights; ops and layers that are not known are refused. */
export const load = ({ kind, url }: Opened): Promise<Model> =>
  kind === 'graph' ? tf.loadGraphModel(url, { checkModel: true }) : tf.loadLayersModel(url);

export interface Port {
  name: string;
  shape: (number | null)[];
  dtype: string;
}

/** Inputs of a model; sizes that are open are null. */
export const portsOf = (model: Model): Port[] =>
  (model.inputs as tf.TensorInfo[]).map(({ name, shape, dtype }) => ({
    name,
    shape: (shape ?? []).map((n) => (n === null || n < 0 ? null : n)),
    dtype: dtype ?? 'float32',
  }));

/** Ones of each input's shape, open sizes being `open`. */
export const blank = (model: Model, batch = 1, open = 1): tf.NamedTensorMap =>
  Object.fromEntries(
    portsOf(model).map(({ name, shape, dtype }) => [
      name,
      tf.ones(shape.map((n, i) => n ?? (i ? open : batch)) as [number], dtype as 'float32'),
    ]),
  );

/** What a model gives for its inputs by name, as a list. */
export function predict(model: Model, inputs: tf.NamedTensorMap): tf.Tensor[] {
  const given = model instanceof tf.GraphModel ? inputs : Object.values(inputs);
  const results = model.predict(given as tf.NamedTensorMap);
  return results instanceof tf.Tensor ? [results] : (Object.values(results).flat() as tf.Tensor[]);
}

/** Names of classes from a file: JSON (a list, or {labels}), or a line each. */
export function readLabels(path: string): string[] {
  if (!existsSync(path))
    throw new Failure(`${path} does not exist: --labels takes a file with a class a line, or JSON`);
  const text = readFileSync(path, 'utf8');
  if (!path.endsWith('.json')) return text.split(/\r?\n/).filter((line) => line.trim());
  const json = parse<string[] | Metadata>(text, path, '--labels takes a list of names, or a class a line');
  const labels = Array.isArray(json) ? json : json?.labels;
  if (!Array.isArray(labels))
    throw new Failure(`${path} has no labels: --labels takes a list of names, or {"labels": []}`);
  return labels.map(String);
}
