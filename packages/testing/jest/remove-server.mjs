import { access, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Stops the server of a run's folder and removes the folder. */
export async function removeServer(folder) {
  const dataDir = join(folder, 'postgres');
  if (await exists(join(dataDir, 'cluster', 'postmaster.pid'))) {
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
