// danfojs as it is bundled for pages, with a TensorFlow.js of its own inside: it works beside the page's.
import * as dfd from 'danfojs-bundle';
import { tables } from './tables.mjs';

export const bundled = () => tables(dfd);
