// Opens the glue module: pages that are not cross-origin isolated have no SharedArrayBuffer to ask about.
const SharedArrayBuffer = globalThis.SharedArrayBuffer ?? class {};
