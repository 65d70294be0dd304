// Names by which the peer's specs of tf.io ask for its inner parts: made of what our tf.io has.
module.exports = (io) => {
  /** Stands for a class of handlers; what is one of them is told by what it can do. */
  const kind = (...methods) => ({
    [Symbol.hasInstance]: (x) =>
      ['load', 'save'].every((name) => (typeof x?.[name] === 'function') === methods.includes(name)),
  });
  const router = (scheme) => (url) => (url.startsWith(scheme) ? (io.getSaveHandlers(url)[0] ?? null) : null);
  const manager = (scheme) =>
    class {
      async listModels() {
        const all = Object.entries(await io.listModels());
        return Object.fromEntries(
          all.filter(([url]) => url.startsWith(scheme)).map(([url, info]) => [url.slice(scheme.length), info]),
        );
      }
      removeModel(path) {
        return io.removeModel(path.startsWith(scheme) ? path : scheme + path);
      }
    };
  return {
    BrowserDownloads: kind('save'),
    browserDownloadsRouter: router('downloads://'),
    HTTPRequest: kind('load', 'save'),
    httpRouter: (url) => (io.isHTTPScheme(url) ? io.getLoadHandlers(url)[0] : null),
    BrowserIndexedDB: kind('load', 'save'),
    BrowserIndexedDBManager: manager('indexeddb://'),
    indexedDBRouter: router('indexeddb://'),
    browserIndexedDB: (path) => io.getSaveHandlers(`indexeddb://${path ?? ''}`)[0],
    BrowserLocalStorage: kind('load', 'save'),
    BrowserLocalStorageManager: manager('localstorage://'),
    localStorageRouter: router('localstorage://'),
    browserLocalStorage: (path) => io.getSaveHandlers(`localstorage://${path ?? ''}`)[0],
  };
};
