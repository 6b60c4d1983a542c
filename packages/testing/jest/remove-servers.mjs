import { access, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Stops the servers in a run's folder, one in each folder below it, and removes all. */
export async function removeServers(folder) {
  for (const name of await readdir(folder)) {
    const dataDir = join(folder, name);
    if (!(await exists(join(dataDir, 'cluster', 'postmaster.pid')))) continue;
    const { startEmbeddedPostgres } = await import('@terramesh/database');
    const server = await startEmbeddedPostgres({ dataDir, durability: 'process', onDeath: 'leave' });
    await server.stop();
  }
  await rm(folder, { recursive: true, force: true });
}

async function exists(file) {
  try {
    await access(file);
    return true;
  } catch {
    return false;
  }
}
