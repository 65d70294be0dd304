// What the build provides (tools/build_cli.mjs).

/** Names of the ops that have a shader. */
declare const SHADERS: string[];

/** tools/server.mjs */
declare module 'tensorine:server' {
  export function serve(options: {
    folders: { [path: string]: string };
    port: number;
  }): Promise<{ url: string; close(): void }>;
}
