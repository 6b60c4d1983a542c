// `npm run start:mesh`: one process per service over NATS, on this machine. The same data as `npm start` has.
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { built } from './built.mjs';
import { replicasOf } from './mesh/arguments.mjs';
import { natsCommand } from './mesh/nats-command.mjs';
import { planProcesses } from './mesh/process-plan.mjs';
import { Supervisor } from './mesh/supervisor.mjs';
import { prepare, root } from './prepare.mjs';
import { stopWithNpm } from './stop-with-npm.mjs';

const readyTimeoutMs = 60_000;

async function main() {
  const replicas = replicasOf(process.argv.slice(2));
  await prepare();
  const { greeting, openInstallation } = await built('apps/standalone');
  // Standalone's own look at all settings at once; only the mesh is another.
  const { MESH_URL, MESH_URL_FILE, ...env } = process.env;
  const installation = await openInstallation(env);
  const asked = askedToStop();
  const supervisor = new Supervisor();
  const stops = [() => installation.release()];
  try {
    const databaseUrl = await ensureDatabase(installation, stops);
    const stopTimeoutMs = installation.settings.stopTimeoutMs + 10_000;
    stops.push(() => supervisor.stop());
    const given = MESH_URL !== undefined || MESH_URL_FILE !== undefined;
    const mesh = given ? { MESH_URL, MESH_URL_FILE } : await startNats(installation, supervisor);
    const plans = await planProcesses({ installation, databaseUrl, mesh, replicas });
    for (const { service, name, env: own } of plans) {
      const command = [process.execPath, join(root, 'apps', service, 'dist', 'main.js')];
      supervisor.start({ name, command, env: own, stopTimeoutMs });
    }
    const died = supervisor.died.then((sentence) => Promise.reject(new Error(sentence)));
    const urlsOf = (some) => some.map(({ url }) => url);
    const isUp = await Promise.race([died, asked, untilReady(urlsOf(plans))]);
    const { settings, secretFile } = installation;
    const [url, ...more] = urlsOf(plans.filter(({ service }) => service === 'gateway'));
    if (isUp) process.stdout.write(greeting({ ...settings, url, more, secretFile }));
    await Promise.race([died, asked]);
  } finally {
    while (stops.length > 0) await stops.pop()();
  }
}

async function ensureDatabase({ settings, logger }, stops) {
  if (settings.databaseUrl !== undefined) return settings.databaseUrl;
  const { startEmbeddedPostgres } = await built('packages/database');
  const postgres = await startEmbeddedPostgres({ dataDir: join(settings.dataDir, 'postgres'), logger });
  stops.push(() => postgres.stop());
  return postgres.url;
}

async function startNats({ settings, env }, supervisor) {
  const { command, meshUrl } = await natsCommand(settings.dataDir);
  supervisor.start({ name: 'nats', command, env, stopTimeoutMs: 10_000 });
  return { MESH_URL: meshUrl };
}

/** Resolves to true when every process says that it can serve. */
async function untilReady(urls) {
  const isReady = async (url) => {
    const answer = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2000) }).catch(() => undefined);
    return answer?.ok === true;
  };
  for (const giveUpAt = Date.now() + readyTimeoutMs; Date.now() < giveUpAt; await delay(100)) {
    const answers = await Promise.all(urls.map(isReady));
    if (answers.every(Boolean)) return true;
  }
  throw new Error(`the services were not ready within ${readyTimeoutMs / 1000} s`);
}

/** One Ctrl-C arrives twice: from the terminal, and from npm, which passes it on. */
const echoMs = 500;

/**
 * Resolves at the first Ctrl-C or SIGTERM; another one half a second later or more ends this process, and with it all
 * others, at once.
 */
function askedToStop() {
  let firstAt;
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
      process.on(signal, () => {
        if (firstAt !== undefined && performance.now() - firstAt >= echoMs) process.exit(1);
        firstAt ??= performance.now();
        resolve();
      });
    }
  });
}

stopWithNpm();
try {
  await main();
} catch (error) {
  console.error(error.message);
  process.exitCode = 1;
}
