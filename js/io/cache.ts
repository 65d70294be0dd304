// Files of a model kept in a cache of the browser, so that the next load needs no network.

/** A cache as one load uses it. Where there is none (Node, pages without https), all is fetched. */
export class ModelCache {
  private readonly writes: Promise<string>[] = [];

  /** name: of the cache; undefined: nothing is kept. */
  constructor(private readonly name: string | undefined) {}

  private async open(): Promise<Cache | null> {
    if (!this.name || typeof caches === 'undefined') return null;
    return caches.open(this.name).catch(() => null);
  }

  /** The answer that is kept; else that of the network, which is kept from then on. */
  async get(url: string, fetchIt: () => Promise<Response>): Promise<Response> {
    if (!this.name) return fetchIt(); // at once
    const cache = await this.open();
    const found = await cache?.match(url);
    if (found) {
      this.writes.push(Promise.resolve(url));
      return found;
    }
    const response = await fetchIt();
    if (cache && typeof response.clone === 'function') this.writes.push(this.keep(cache, url, response.clone()));
    return response;
  }

  /** Writes while the load reads the same bytes; a full disk is no reason to fail. */
  private async keep(cache: Cache, url: string, response: Response): Promise<string> {
    try {
      await cache.put(url, response);
    } catch (error) {
      if ((error as Error)?.name !== 'AbortError')
        console.warn(`tensorine: ${url} is not kept in cache '${this.name}': ${(error as Error)?.message}`);
    }
    return url;
  }

  /** The load failed: what it read is not to be read again. */
  async forget(): Promise<void> {
    const cache = this.writes.length ? await this.open() : null;
    if (cache) await Promise.all(this.writes.map(async (write) => cache.delete(await write)));
  }
}
