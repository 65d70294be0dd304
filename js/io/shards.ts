// The files of a weights manifest: read at once, counted while they arrive, checked against what
// their weights take.
import { fileError, getWeightSpecs } from './artifacts';
import { concatenateArrayBuffers } from './buffers';
import { storedBytes } from './weights';
import type { LoadOptions, WeightsManifestConfig, WeightsManifestEntry } from './types';

/** A file that was read: its name for messages, and what its sender says it is. */
export interface Shard {
  name: string;
  data: ArrayBuffer;
  type?: string | null;
}
/** Reads the file of a path in the manifest; tells `arrived` of each piece. */
export type ReadShard = (path: string, arrived: (bytes: number) => void) => Promise<Shard>;

/** Entries and bytes of a manifest's groups, one buffer each. */
export async function readManifest(
  manifest: WeightsManifestConfig,
  read: ReadShard,
  who: string,
  onProgress?: LoadOptions['onProgress'],
): Promise<[WeightsManifestEntry[], ArrayBuffer[]]> {
  const sizes = manifest.map((group) => storedBytes(group.weights));
  const total = sizes.reduce((a, b) => a + b, 0);
  let loaded = 0;
  const arrived = (bytes: number) => {
    loaded += bytes;
    onProgress?.(Math.min(1, loaded / total), { loaded, total });
  };
  onProgress?.(total ? 0 : 1, { loaded, total });
  const groups = await Promise.all(
    manifest.map(async ({ paths, weights }, i) => {
      const shards = await Promise.all(paths.map((path) => read(path, arrived)));
      checkBytes(shards, sizes[i], weights.some(({ dtype }) => dtype === 'string'), who);
      return concatenateArrayBuffers(shards.map(({ data }) => data));
    }),
  );
  return [getWeightSpecs(manifest), groups];
}

/** open: there are texts, which take more bytes than is known before they are read. */
function checkBytes(shards: Shard[], expected: number, open: boolean, who: string): void {
  const bytes = shards.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes === expected || (open && bytes > expected)) return;
  const html = shards.some(({ type }) => type?.includes('text/html')) ? ' (the server sent text/html)' : '';
  const names =
    shards.length === 1
      ? shards[0].name
      : shards.map(({ name, data }) => `${name} (${data.byteLength})`).join(', ');
  throw fileError(
    `${who}: ${names}: ${bytes} bytes, but the weights of the manifest take ${expected}${html}`,
  );
}
