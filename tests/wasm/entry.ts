// The host alone, for the tests of it.
import { start } from '../../js/wasm/host';

start();
export { callback, f32, features, i32, ready, setThreads, text, u8, x } from '../../js/wasm/host';
