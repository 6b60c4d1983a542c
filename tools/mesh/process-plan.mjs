// Which processes make up the mesh, and what each is told beside what all are told.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { built } from '../built.mjs';
import { freePort } from '../free-port.mjs';
import { serviceNames } from './arguments.mjs';

/** Standalone's decisions are handed to each process under one name; the other names of the same settings are left out. */
const decided = [
  'DATABASE_URL',
  'TERRAMESH_DATABASE_URL',
  'TERRAMESH_DATA_DIR',
  'ATLANTIS_DATA_DIR',
  'TERRAMESH_API_SECRET',
  'ATLANTIS_API_SECRET',
];

/**
 * @returns one entry per process, in the order of the start; each answers /readyz at its `url`
 */
export async function planProcesses({ installation, databaseUrl, mesh, replicas }) {
  const { env } = installation;
  const kept = Object.entries(env).filter(([name]) => !decided.includes(name.replace(/_FILE$/, '')));
  const shared = { ...Object.fromEntries(kept), ...mesh, TERRAMESH_LOG_FORMAT: env.TERRAMESH_LOG_FORMAT ?? 'text' };
  const plans = [];
  for (const service of serviceNames) {
    for (let number = 1; number <= replicas[service]; number += 1) {
      const own = await ownPart[service]({ installation, databaseUrl, number });
      plans.push({
        service,
        name: number === 1 ? service : `${service}-${number}`,
        url: own.url,
        env: { ...shared, ...own.env },
      });
    }
  }
  return plans;
}

const ownPart = {
  projects: withDatabase,

  locks: withDatabase,

  drift: withDatabase,

  /** The first has standalone's folder, so that it finds what standalone left. */
  async runs({ installation, databaseUrl, number }) {
    const { dataDir } = installation.settings;
    const own = number === 1 ? dataDir : join(dataDir, `runs-${number}`);
    await mkdir(own, { recursive: true, mode: 0o700 });
    const { url, env } = await health();
    return { url, env: { ...env, DATABASE_URL: databaseUrl, TERRAMESH_DATA_DIR: own } };
  },

  /** The first has the configured port, the others free ones. */
  async gateway({ installation, number }) {
    const { gateway } = await built('apps/gateway');
    const { loadSettings } = await built('packages/service');
    const { port: configured } = loadSettings({ port: gateway.settings.port }, { env: installation.env });
    const port = number === 1 && configured !== 0 ? configured : await freePort();
    const { secretFile, apiSecret } = installation;
    const secret =
      secretFile === undefined ? { TERRAMESH_API_SECRET: apiSecret } : { TERRAMESH_API_SECRET_FILE: secretFile };
    return { url: `http://127.0.0.1:${port}`, env: { TERRAMESH_PORT: String(port), ATLANTIS_PORT: '', ...secret } };
  },
};

async function withDatabase({ databaseUrl }) {
  const { url, env } = await health();
  return { url, env: { ...env, DATABASE_URL: databaseUrl } };
}

/** A health port on the loopback interface, for the services that people do not talk to. */
async function health() {
  const port = await freePort();
  const env = { TERRAMESH_HEALTH_HOST: '127.0.0.1', TERRAMESH_HEALTH_PORT: String(port) };
  return { url: `http://127.0.0.1:${port}`, env };
}
