// The product as an operator runs it: one process per service, two of `runs` and of `drift`, on a nats-server and a
// Postgres of its own.
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@terramesh/testing';
import { KeptProcess } from './kept-process.mjs';
import { startPostgres } from './postgres.mjs';
import { killQuietly, processesOf } from './proc.mjs';

export const leaseSeconds = 5;
const replicaCount = 2;
const stopGraceMs = 15_000;
const apiSecret = 'chaos-secret-51c7';

/**
 * @param {{ root: string, githubUrl: string, settings?: NodeJS.ProcessEnv }} options `root` holds everything: data, logs,
 *   database. A setting that is undefined has its default.
 */
export async function startSystem({ root, githubUrl, settings = {} }) {
  const logs = join(root, 'logs');
  await mkdir(logs);
  const postgres = await startPostgres(join(root, 'postgres'));
  const [natsPort, natsHealthPort] = [await freePort(), await freePort()];
  const nats = new KeptProcess({
    name: 'nats',
    command: ['nats-server', '-a', '127.0.0.1', '-p', String(natsPort), '-m', String(natsHealthPort)],
    env: { PATH: process.env.PATH },
    logFile: join(logs, 'nats.log'),
    readyUrl: `http://127.0.0.1:${natsHealthPort}/healthz`,
  });
  const shared = {
    PATH: process.env.PATH,
    HOME: root,
    DATABASE_URL: postgres.url,
    MESH_URL: `nats://127.0.0.1:${natsPort}`,
    TERRAMESH_LOG_FORMAT: 'text',
    TERRAMESH_HOST: '127.0.0.1',
    TERRAMESH_HEALTH_HOST: '127.0.0.1',
    TERRAMESH_API_SECRET: apiSecret,
    TERRAMESH_REPO_ALLOWLIST: 'github.com/chaos/*',
    TERRAMESH_GITHUB_URL: githubUrl,
    TERRAMESH_LEASE_SECONDS: String(leaseSeconds),
    TERRAMESH_CONCURRENCY: '4',
    TERRAMESH_LOCK_WAIT_SECONDS: '60',
    TERRAMESH_LOCKS_SWEEP_INTERVAL: '2',
    TERRAMESH_STOP_TIMEOUT: '8',
    TERRAMESH_DRIFT_DETECTION: 'true',
    // Drift is what this is about: neither much of it at once nor its return is to keep it from being put right.
    TERRAMESH_DRIFT_BREAKER_TARGETS: '100000',
    TERRAMESH_DRIFT_LOOP_RELAPSES: '100000',
    ...settings,
  };
  const prepare = async (service, name, own = {}) => {
    const port = await freePort();
    const portName = service === 'gateway' ? 'TERRAMESH_PORT' : 'TERRAMESH_HEALTH_PORT';
    const url = `http://127.0.0.1:${port}`;
    const main = fileURLToPath(new URL(`../apps/${service}/dist/main.js`, import.meta.url));
    const kept = new KeptProcess({
      name,
      command: [process.execPath, main],
      env: { ...shared, [portName]: String(port), ...own },
      logFile: join(logs, `${name}.log`),
      readyUrl: `${url}/readyz`,
    });
    return { kept, url };
  };
  const { kept: projects } = await prepare('projects', 'projects');
  const { kept: locks } = await prepare('locks', 'locks');
  const { kept: gateway, url } = await prepare('gateway', 'gateway');
  const drift = [];
  for (let number = 1; number <= replicaCount; number += 1)
    drift.push((await prepare('drift', `drift-${number}`)).kept);
  const replicas = [];
  for (let number = 1; number <= replicaCount; number += 1) {
    const dataDir = join(root, `data-${number}`);
    await mkdir(dataDir);
    const { kept } = await prepare('runs', `runs-${number}`, { TERRAMESH_DATA_DIR: dataDir });
    replicas.push({ kept, dataDir, hostId: () => hostIdOf(dataDir) });
  }
  const all = [nats, projects, locks, gateway, ...drift, ...replicas.map(({ kept }) => kept)];
  const allReady = () => Promise.all(all.map((one) => one.ready()));
  for (const one of all) one.start();
  return {
    url,
    token: apiSecret,
    databaseUrl: postgres.url,
    postgres,
    services: { projects, locks, gateway, nats, ...Object.fromEntries(drift.map((one) => [one.name, one])) },
    replicas,
    all,
    allReady,
    pids: () => all.map(({ pid }) => pid),
    /** The services, then everything that still belongs to the folder, then the database. */
    async stop() {
      await Promise.all(all.slice(1).map((one) => one.stop(stopGraceMs)));
      await nats.kill();
      const server = join(root, 'postgres');
      for (const { pid, command, cwd } of await processesOf(root))
        if (!`${command}${cwd}`.includes(server) && !command.startsWith('postgres:')) killQuietly(pid);
      await postgres.stop();
    },
  };
}

async function hostIdOf(dataDir) {
  return (await readFile(join(dataDir, 'runs', 'host-id'), 'utf8')).trim();
}
