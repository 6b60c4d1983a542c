import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './prepare.mjs';

/** A built package of this repository, by its folder; call `prepare` first. */
export const built = (folder) => import(pathToFileURL(join(root, folder, 'dist', 'index.js')).href);
