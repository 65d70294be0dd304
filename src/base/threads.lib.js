// Imports of threads.c, answered by js/wasm/host.ts.
addToLibrary({
    tn_host_start: (count) => Module['startWorkers'](count),
});
