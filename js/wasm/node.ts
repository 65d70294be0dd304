// Node's own modules, asked for only where there is Node; nothing for a bundler to resolve.

type Process = { versions?: { node?: string }; getBuiltinModule?(name: string): unknown; cwd(): string };

const host = (globalThis as { process?: Process }).process;

export const isNode = typeof host?.versions?.node === 'string';

export async function nodeModule(name: string): Promise<any> {
  return host?.getBuiltinModule?.(name) ?? import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}

/** A path as it is meant now: where the program changes its folder later, it stays where it was. */
export const fromHere = (path: string): string =>
  isNode && path && !/^([a-z]:)?[\\/]/i.test(path) ? `${host!.cwd()}/${path}` : path;

const SCHEME = 'file://';

/** The same of a 'file://PATH'; what is none stays as it is. */
export const fileFromHere = <T>(url: T): T | string =>
  typeof url === 'string' && url.startsWith(SCHEME) ? SCHEME + fromHere(url.slice(SCHEME.length)) : url;

/** Whether a text that should be a URL has no scheme; in Node, where nothing tells of which page it is relative to. */
export const isPath = (url: string): boolean => isNode && !/^[a-z][a-z\d+.-]+:/i.test(url);
