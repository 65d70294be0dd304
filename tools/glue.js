// Opens the glue module: pages that are not cross-origin isolated have no SharedArrayBuffer to ask about.
// Audio worklets have no clock but Date's.
/* eslint no-unused-vars: off, @typescript-eslint/no-unused-vars: off -- the glue that follows uses them */
const performance = globalThis.performance ?? Date;
const SharedArrayBuffer = globalThis.SharedArrayBuffer ?? class {};
