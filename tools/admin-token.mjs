// `npm run admin-token [-- --revoke]`: a new token of the administrator, for the installation of `npm start` and
// `npm run start:mesh`. It works while they run, and while they do not.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { built } from './built.mjs';
import { prepare, root } from './prepare.mjs';

async function main() {
  await prepare();
  const { standaloneSettings } = await built('apps/standalone');
  const { loadSettings } = await built('packages/service');
  const { dataDir: dataDirSetting, databaseUrl: databaseUrlSetting } = standaloneSettings;
  const wanted = { dataDir: dataDirSetting, databaseUrl: databaseUrlSetting };
  const { dataDir, databaseUrl } = loadSettings(wanted, { env: process.env });
  if (databaseUrl !== undefined) return makeToken(databaseUrl);
  const folder = join(dataDir, 'postgres');
  if (!existsSync(join(folder, 'cluster'))) throw new Error(`nothing was ever started in ${dataDir}`);
  const { startEmbeddedPostgres } = await built('packages/database');
  const postgres = await startEmbeddedPostgres({ dataDir: folder, onDeath: 'leave' });
  try {
    return makeToken(postgres.url);
  } finally {
    if (postgres.outcome === 'started') await postgres.stop();
  }
}

function makeToken(databaseUrl) {
  const { DATABASE_URL_FILE: _, ...env } = process.env;
  const command = [join(root, 'apps', 'projects', 'dist', 'admin-token.js'), ...process.argv.slice(2)];
  return (
    spawnSync(process.execPath, command, { env: { ...env, DATABASE_URL: databaseUrl }, stdio: 'inherit' }).status ?? 1
  );
}

try {
  process.exit(await main());
} catch (error) {
  console.error(error.message);
  process.exit(1);
}
