// A terramesh of the demo's own: standalone, on a free port, with its data in the demo's folder.
import { openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from '../free-port.mjs';
import { root } from '../prepare.mjs';
import { startTied } from '../tied-process.mjs';

const startTimeoutMs = 60_000;
const stopTimeoutMs = 30_000;

/** Starts it; `ready` waits until it serves. */
export async function startServer(folder, repositoryBaseUrl) {
  const port = await freePort();
  const dataDir = join(folder, 'data');
  const logFile = join(folder, 'server.log');
  const log = openSync(logFile, 'a');
  const server = startTied([process.execPath, join(root, 'apps', 'standalone', 'dist', 'main.js')], {
    cwd: folder,
    env: {
      ...personsEnvironment(),
      TERRAMESH_DATA_DIR: dataDir,
      TERRAMESH_HOST: '127.0.0.1',
      TERRAMESH_PORT: String(port),
      TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*',
      TERRAMESH_GITHUB_URL: repositoryBaseUrl,
    },
    stdio: ['ignore', log, log],
  });

  return {
    url: `http://127.0.0.1:${port}`,
    dataDir,
    /** @param {() => Promise<boolean>} isReady */
    async ready(isReady) {
      for (const giveUpAt = Date.now() + startTimeoutMs; Date.now() < giveUpAt; await delay(50)) {
        if (!server.isRunning()) throw new Error(`the server ended: ${await server.exited}`);
        if (await isReady()) return;
      }
      throw new Error(`the server was not ready within ${startTimeoutMs / 1000} s`);
    },
    secret: () => readFileSync(join(dataDir, 'api-secret'), 'utf8').trim(),
    isRunning: server.isRunning,
    logTail: (lines) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
    stop: () => server.stop(stopTimeoutMs),
  };
}

/** The person's environment without settings that would reach into the demo. */
function personsEnvironment() {
  const isSetting = (name) => /^(TERRAMESH_|ATLANTIS_|TF_)|^(DATABASE_URL|MESH_URL)(_FILE)?$/.test(name);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !isSetting(name)));
}
