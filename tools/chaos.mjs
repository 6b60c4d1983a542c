// `pnpm chaos`: installs and builds what is missing, then kills everything again and again and checks every promise.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { prepare, root } from './prepare.mjs';

await prepare();
const { status } = spawnSync(process.execPath, [join(root, 'chaos', 'main.mjs'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 1);
