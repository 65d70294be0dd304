// Models kept by the browser: localstorage:// and indexeddb://, in the form in which TensorFlow.js
// keeps them, so that what it saved can be loaded. And copying, moving, listing, removing.
import { TensorineError } from '../wasm/errors';
import { want } from '../core/want';
import { fileError, getModelArtifactsInfoForJSON } from './artifacts';
import { CompositeArrayBuffer, fromBase64, toBase64 } from './buffers';
import { getLoadHandlers, getSaveHandlers, registerLoadRouter, registerSaveRouter } from './router';
import type {
  IOHandler,
  IORouter,
  LoadHandler,
  ModelArtifacts,
  ModelArtifactsInfo,
  SaveHandler,
  SaveResult,
} from './types';

/** A place that keeps models by name. */
interface Store {
  /** In words. */
  title: string;
  /** The message where there is no model of a name. */
  none(name: string): string;
  save(name: string, artifacts: ModelArtifacts, info: ModelArtifactsInfo): Promise<void>;
  /** undefined: there is none of that name. */
  load(name: string): Promise<ModelArtifacts | undefined>;
  list(): Promise<{ [name: string]: ModelArtifactsInfo }>;
  /** What was removed; undefined: there is none of that name. */
  remove(name: string): Promise<ModelArtifactsInfo | undefined>;
}

// ---- localStorage: five strings a model

const PREFIX = 'tensorflowjs_models/';
const keysOf = (name: string) => {
  const key = (part: string) => `${PREFIX}${name}/${part}`;
  return {
    info: key('info'),
    topology: key('model_topology'),
    specs: key('weight_specs'),
    data: key('weight_data'),
    rest: key('model_metadata'),
  };
};

const withoutNulls = (fields: {}) => Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null));

const local: Store = {
  title: 'local storage',
  none: (name) => `In local storage, there is no model with name '${name}'`,
  async save(name, { modelTopology, weightSpecs, weightData, getWeightStream: _, ...rest }, info) {
    const keys = keysOf(name);
    try {
      localStorage.setItem(keys.info, JSON.stringify(info));
      localStorage.setItem(keys.topology, JSON.stringify(modelTopology));
      localStorage.setItem(keys.specs, JSON.stringify(weightSpecs ?? []));
      localStorage.setItem(keys.data, toBase64(new CompositeArrayBuffer(weightData).slice()));
      localStorage.setItem(keys.rest, JSON.stringify(rest));
    } catch (error) {
      await local.remove(name);
      throw fileError(
        `Failed to save model '${name}' to local storage, the browser's quota may be exceeded: ${info.modelTopologyBytes} ` +
          `bytes of topology, ${info.weightSpecsBytes} of weight specs, ${info.weightDataBytes} of weights: ${(error as Error).message}`,
      );
    }
  },
  async load(name) {
    const keys = keysOf(name);
    if (localStorage.getItem(keys.info) === null) return undefined;
    const read = (key: string, what: string): string => {
      const text = localStorage.getItem(key);
      if (text === null)
        throw fileError(
          `In local storage, the ${what} of model '${name}' ${what === 'topology' ? 'is' : 'are'} missing.`,
        );
      return text;
    };
    return {
      ...withoutNulls(JSON.parse(localStorage.getItem(keys.rest) ?? '{}')),
      modelTopology: JSON.parse(read(keys.topology, 'topology')),
      weightSpecs: JSON.parse(read(keys.specs, 'weight specs')),
      weightData: fromBase64(read(keys.data, 'binary weight values')),
    };
  },
  async list() {
    const found: { [name: string]: ModelArtifactsInfo } = {};
    for (const key of Object.keys(localStorage))
      if (key.startsWith(PREFIX) && key.endsWith('/info'))
        found[key.slice(PREFIX.length, -'/info'.length)] = JSON.parse(localStorage.getItem(key)!);
    return found;
  },
  async remove(name) {
    const keys = keysOf(name),
      info = localStorage.getItem(keys.info);
    for (const key of Object.values(keys)) localStorage.removeItem(key);
    return info === null ? undefined : JSON.parse(info);
  },
};

// ---- IndexedDB: two tables, of models and of what they are

const MODELS = 'models_store',
  INFOS = 'model_info_store';

const settled = <T>(request: IDBRequest<T>): Promise<T> =>
  new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(fileError(`indexeddb: ${request.error?.message}`));
  });

/** Runs f in one transaction over both tables: all of it is done, or nothing. */
async function transact<T>(
  mode: IDBTransactionMode,
  f: (table: (name: string) => IDBObjectStore) => Promise<T>,
): Promise<T> {
  const opening = indexedDB.open('tensorflowjs', 1);
  opening.onupgradeneeded = () => {
    for (const name of [MODELS, INFOS]) opening.result.createObjectStore(name, { keyPath: 'modelPath' });
  };
  const database = await settled(opening);
  try {
    const transaction = database.transaction([MODELS, INFOS], mode);
    const done = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () =>
        reject(fileError(`indexeddb: ${transaction.error?.message ?? 'the transaction was aborted'}`));
    });
    const [result] = await Promise.all([f((name) => transaction.objectStore(name)), done]);
    return result;
  } finally {
    database.close();
  }
}

/** Browsers refuse a record from 127 MiB on, but for what is in a Blob. */
const MOST_IN_RECORD = 1 << 26;

/** Weights as a record holds them: as in TensorFlow.js, unless they are too large for that. */
const toRecord = (data: ModelArtifacts['weightData'] = []): ArrayBuffer | Blob => {
  const parts = [data].flat(),
    bytes = new CompositeArrayBuffer(parts).byteLength;
  return bytes > MOST_IN_RECORD ? new Blob(parts) : CompositeArrayBuffer.join(parts);
};

const indexed: Store = {
  title: 'IndexedDB',
  none: (name) => `Cannot find model with path '${name}' in IndexedDB.`,
  save: (modelPath, artifacts, modelArtifactsInfo) =>
    transact('readwrite', async (table) => {
      const { getWeightStream: _, ...plain } = artifacts;
      const modelArtifacts = { ...plain, weightData: toRecord(artifacts.weightData) };
      await settled(table(INFOS).put({ modelPath, modelArtifactsInfo }));
      await settled(table(MODELS).put({ modelPath, modelArtifacts, modelArtifactsInfo }));
    }),
  async load(name) {
    const row = await transact('readonly', (table) => settled(table(MODELS).get(name)));
    const weightData = row?.modelArtifacts.weightData;
    if (weightData instanceof Blob) row.modelArtifacts.weightData = await weightData.arrayBuffer();
    return row?.modelArtifacts;
  },
  list: () =>
    transact('readonly', async (table) =>
      Object.fromEntries((await settled(table(INFOS).getAll())).map((row) => [row.modelPath, row.modelArtifactsInfo])),
    ),
  remove: (name) =>
    transact('readwrite', async (table) => {
      const row = await settled(table(INFOS).get(name));
      await settled(table(INFOS).delete(name));
      await settled(table(MODELS).delete(name));
      return row?.modelArtifactsInfo;
    }),
};

// ---- both

/** Stores that this host has, by scheme. */
function stores(): { [scheme: string]: Store } {
  const host = globalThis as { localStorage?: Storage; indexedDB?: IDBFactory; document?: Document };
  return {
    ...(host.document && host.localStorage && { localstorage: local }),
    ...(host.indexedDB && { indexeddb: indexed }),
  };
}

/** The store and the name that a URL means. */
function locate(url: string): { store: Store; name: string } {
  const [scheme, ...rest] = url.split('://'),
    name = rest.join('://'),
    known = stores();
  if (!rest.length)
    throw new TensorineError(
      'value',
      `The url string provided does not contain a scheme. Supported schemes are: ${Object.keys(known)}`,
    );
  if (!Object.hasOwn(known, scheme))
    throw new TensorineError('device', `Cannot find model manager for scheme '${scheme}'`);
  if (!name)
    throw new TensorineError('value', `For ${known[scheme].title}, modelPath must not be null, undefined or empty.`);
  return { store: known[scheme], name };
}

/** Whether it is the URL of a store that this host has. */
const isKept = (url: unknown): url is string =>
  typeof url === 'string' && url.includes('://') && Object.hasOwn(stores(), url.split('://')[0]);

function keeper(url: string): IOHandler {
  const { store, name } = locate(url);
  return {
    async load() {
      const artifacts = await store.load(name);
      if (!artifacts) throw fileError(store.none(name));
      return artifacts;
    },
    async save(artifacts): Promise<SaveResult> {
      const modelArtifactsInfo = getModelArtifactsInfoForJSON(artifacts);
      await store.save(name, artifacts, modelArtifactsInfo);
      return { modelArtifactsInfo };
    },
  };
}

const router: IORouter = (url) => (isKept(url) ? keeper(url) : null);
registerLoadRouter(router);
registerSaveRouter(router);

/** Models that the browser keeps, by URL. */
export async function listModels(): Promise<{ [url: string]: ModelArtifactsInfo }> {
  const found: { [url: string]: ModelArtifactsInfo } = {};
  for (const [scheme, store] of Object.entries(stores()))
    for (const [name, info] of Object.entries(await store.list())) found[`${scheme}://${name}`] = info;
  return found;
}

/** Removes a model that the browser keeps. */
export async function removeModel(url: string): Promise<ModelArtifactsInfo> {
  want('io.removeModel', { url }, 'string');
  const { store, name } = locate(url),
    info = await store.remove(name);
  if (!info) throw fileError(store === local ? `Cannot find model at path '${name}'` : store.none(name));
  return info;
}

/** What loads from one URL, and what saves to another. */
function between(who: string, sourceURL: string, destURL: string): { from: LoadHandler; to: SaveHandler } {
  want(who, { sourceURL, destURL }, 'string');
  if (sourceURL === destURL) throw new TensorineError('value', `Old path and new path are the same: '${sourceURL}'`);
  const [from] = getLoadHandlers(sourceURL),
    [to] = getSaveHandlers(destURL);
  if (!from?.load)
    throw new TensorineError('value', `Copying failed because no load handler is found for source URL ${sourceURL}.`);
  if (!to?.save)
    throw new TensorineError(
      'value',
      `Copying failed because no save handler is found for destination URL ${destURL}.`,
    );
  return { from: () => from.load!(), to: (artifacts) => to.save!(artifacts) };
}

async function copy({ from, to }: ReturnType<typeof between>): Promise<ModelArtifactsInfo> {
  return (await to(await from())).modelArtifactsInfo;
}

/** Saves the model of one URL at another. */
export async function copyModel(sourceURL: string, destURL: string): Promise<ModelArtifactsInfo> {
  return copy(between('io.copyModel', sourceURL, destURL));
}

/** Saves the model of one URL at another, then removes it from the first. */
export async function moveModel(sourceURL: string, destURL: string): Promise<ModelArtifactsInfo> {
  const way = between('io.moveModel', sourceURL, destURL);
  locate(sourceURL);
  const info = await copy(way);
  await removeModel(sourceURL);
  return info;
}
