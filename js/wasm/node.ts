// Node's own modules, imported only where there is Node, so that bundlers need not resolve them; and paths of files.

type Process = { versions?: { node?: string }; getBuiltinModule?(name: string): unknown; cwd(): string };

const host = (globalThis as { process?: Process }).process;

export const isNode = typeof host?.versions?.node === 'string';

export async function nodeModule(name: string): Promise<any> {
  return host?.getBuiltinModule?.(name) ?? import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

/** A path in full, so that it stays the same when the program changes its working directory later. */
export const fromHere = (path: string): string =>
  isNode && path && !/^([a-z]:)?[\\/]/i.test(path) ? `${host!.cwd()}/${path}` : path;

export const FILE_SCHEME = 'file://';
export const isFileURL = (url: unknown): url is string => typeof url === 'string' && url.startsWith(FILE_SCHEME);

/** The path in a 'file://PATH', as it stands there. */
export const pathIn = (url: string): string => url.slice(FILE_SCHEME.length);

/** The same for a 'file://PATH'; other values stay as they are. */
export const fileFromHere = <T>(url: T): T | string => (isFileURL(url) ? FILE_SCHEME + fromHere(pathIn(url)) : url);

/** Whether a URL has no scheme, in Node, where there is no page that it could be relative to. */
export const isPath = (url: string): boolean => isNode && !/^[a-z][a-z\d+.-]+:/i.test(url);
