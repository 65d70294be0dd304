// Versions, by the names programs ask for.
import { version as number } from '../package.json';

export const version_core: string = number;
/** The library's version, under its own name and those TensorFlow.js has. */
export const version: { [part: string]: string } = {
  tensorine: number, tfjs: number, 'tfjs-core': number, 'tfjs-layers': number,
};
