// Node's own modules, asked for only where there is Node; nothing for a bundler to resolve.

type Process = { versions?: { node?: string }; getBuiltinModule?(name: string): unknown };

const host = (globalThis as { process?: Process }).process;

export const isNode = typeof host?.versions?.node === 'string';

export async function nodeModule(name: string): Promise<any> {
  return host?.getBuiltinModule?.(name) ?? import(/* webpackIgnore: true */ /* @vite-ignore */ name);
}
