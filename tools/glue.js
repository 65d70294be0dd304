// Opens the glue module: pages that are not cross-origin isolated have no SharedArrayBuffer to ask about.
// Audio worklets have no clock but Date's.
const performance = globalThis.performance ?? Date;
const SharedArrayBuffer = globalThis.SharedArrayBuffer ?? class {};
