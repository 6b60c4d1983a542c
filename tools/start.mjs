// `npm start`: installs what is missing, builds what changed, runs standalone in this very process. So there is one
// process to signal, and none is left behind when it is killed.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { prepare, root } from './prepare.mjs';
import { stopWithNpm } from './stop-with-npm.mjs';

stopWithNpm();

try {
  await prepare();
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
await import(pathToFileURL(join(root, 'apps', 'standalone', 'dist', 'main.js')).href);
