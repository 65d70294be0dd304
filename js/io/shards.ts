// The files of a weights manifest: read at once, counted while they arrive, and no further than their
// weights go.
import { fileError, getWeightSpecs } from './artifacts';
import { concatenateArrayBuffers } from './buffers';
import type { LoadOptions, WeightsManifestConfig, WeightsManifestEntry } from './types';
import { storedBytes } from './weights';

/** A file that was read: its name for messages, and what its sender says it is. */
export interface Shard {
  name: string;
  data: ArrayBuffer;
  type?: string | null;
}
/** Reads the file of a path in the manifest, `most` bytes and the next one if there are more; calls
 * `arrived` for each piece. */
export type ReadShard = (path: string, arrived: (bytes: number) => void, most: number) => Promise<Shard>;

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
      const open = weights.some(({ dtype }) => dtype === 'string'),
        most = open ? Infinity : sizes[i];
      const shards = await Promise.all(paths.map((path) => read(path, arrived, most)));
      checkBytes(shards, sizes[i], open, who);
      return concatenateArrayBuffers(shards.map(({ data }) => data));
    }),
  );
  return [getWeightSpecs(manifest), groups];
}

/** open: there are strings, which take more bytes than is known before they are read. */
function checkBytes(shards: Shard[], expected: number, open: boolean, who: string): void {
  const bytes = shards.reduce((sum, { data }) => sum + data.byteLength, 0);
  if (bytes === expected || (open && bytes > expected)) return;
  const html = shards.some(({ type }) => type?.includes('text/html'));
  const names =
    shards.length === 1 ? shards[0].name : shards.map(({ name, data }) => `${name} (${data.byteLength})`).join(', ');
  if (bytes > expected && !html) {
    console.warn(
      `${who}: ${names}: more than the ${expected} bytes that the weights of the manifest take; the rest is left out`,
    );
    return;
  }
  throw fileError(
    `${who}: ${names}: ${bytes} bytes, but the weights of the manifest take ${expected}${html ? ' (the server sent text/html)' : ''}`,
  );
}
