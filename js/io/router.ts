// From URL-like strings to handlers, and the two calls by which models are loaded and saved.
import { TensorineError } from '../wasm/errors';
import { checkLoadOptions } from './artifacts';
import { downloadsRouter } from './files';
import { http, httpRouter } from './http';
import { fileRouter } from './node';
import type { IOHandler, IORouter, LoadOptions, ModelArtifacts, SaveResult } from './types';

const loadRouters: IORouter[] = [httpRouter, fileRouter];
const saveRouters: IORouter[] = [httpRouter, fileRouter, downloadsRouter];

/** From now on URLs for which the router has a handler are loaded by it. */
export function registerLoadRouter(router: IORouter): void {
  loadRouters.push(router);
}
/** From now on models are saved by the router's handler at URLs for which it has one. */
export function registerSaveRouter(router: IORouter): void {
  saveRouters.push(router);
}

const handlers = (routers: IORouter[], url: string | string[], options?: LoadOptions): IOHandler[] =>
  routers.map((router) => router(url, options)).filter((handler): handler is IOHandler => !!handler);

/** Handlers that can load from a URL. */
export function getLoadHandlers(url: string | string[], options?: LoadOptions): IOHandler[] {
  return handlers(loadRouters, url, options);
}

/** Handlers that can save to a URL. */
export function getSaveHandlers(url: string | string[]): IOHandler[] {
  return handlers(saveRouters, url);
}

/** Artifacts of the model at a URL, or that a handler gives. A URL without a scheme is fetched. */
export async function load(pathOrHandler: string | IOHandler, options: LoadOptions = {}): Promise<ModelArtifacts> {
  checkLoadOptions(options);
  let handler: IOHandler;
  if (typeof pathOrHandler === 'string') {
    const found = getLoadHandlers(pathOrHandler, options);
    if (found.length > 1)
      throw new TensorineError(
        'value',
        `Found more than one (${found.length}) load handlers for URL '${pathOrHandler}'`,
      );
    handler = found[0] ?? http(pathOrHandler, options);
  } else {
    handler = pathOrHandler;
  }
  if (typeof handler?.load !== 'function')
    throw new TensorineError(
      'value',
      'Cannot proceed with model loading because the IOHandler provided does not have the ' +
        '`load` method implemented.',
    );
  return handler.load();
}

/** Saves artifacts at a URL, or gives them to a handler. */
export async function save(urlOrHandler: string | IOHandler, artifacts: ModelArtifacts): Promise<SaveResult> {
  let handler = urlOrHandler as IOHandler;
  if (typeof urlOrHandler === 'string') {
    const found = getSaveHandlers(urlOrHandler);
    if (!found.length)
      throw new TensorineError(
        'value',
        `Cannot find any save handlers for URL '${urlOrHandler}': where a model goes is said by ` +
          "'localstorage://NAME', 'indexeddb://NAME' or 'downloads://NAME' in browsers, 'file://FOLDER' in Node, " +
          "an address 'http(s)://...', or a handler such as tf.io.withSaveHandler(f)",
      );
    if (found.length > 1)
      throw new TensorineError(
        'value',
        `Found more than one (${found.length}) save handlers for URL '${urlOrHandler}'`,
      );
    [handler] = found;
  }
  if (typeof handler?.save !== 'function')
    throw new TensorineError(
      'value',
      'LayersModel.save() cannot proceed because the IOHandler provided does not have the ' +
        '`save` attribute defined.',
    );
  return handler.save(artifacts);
}
