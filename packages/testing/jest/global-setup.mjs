// Names the folder of this run's Postgres; the first test that wants a database starts the server.
import { mkdtemp, readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { removeServers } from './remove-servers.mjs';

const prefix = 'terramesh-jest-';

// biome-ignore lint/style/noDefaultExport: jest wants one.
export default async function globalSetup() {
  await removeLeftovers();
  const folder = await mkdtemp(join(tmpdir(), `${prefix}${process.pid}-`));
  process.env.TERRAMESH_TEST_POSTGRES_DIR = join(folder, 'postgres');
}

/** Of runs that were killed: their servers outlive them. */
async function removeLeftovers() {
  for (const name of await readdir(tmpdir())) {
    const pid = name.startsWith(prefix) ? Number.parseInt(name.slice(prefix.length), 10) : Number.NaN;
    if (!Number.isInteger(pid) || isAlive(pid)) continue;
    // Another run may be at it as well, or a killed run's initdb still at work: the next run tries again.
    await removeServers(join(tmpdir(), name)).catch((error) => console.warn(`${name} is left: ${error.message}`));
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
