// Stops this run's Postgres, if any test has started it.
import { dirname } from 'node:path';
import { removeServers } from './remove-servers.mjs';

// biome-ignore lint/style/noDefaultExport: jest wants one.
export default async function globalTeardown() {
  const dataDir = process.env.TERRAMESH_TEST_POSTGRES_DIR;
  if (dataDir !== undefined) await removeServers(dirname(dataDir));
}
