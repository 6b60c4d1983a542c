// The way back in: `node dist/admin-token.js [--revoke]` needs DATABASE_URL, and prints a new token of the administrator.
import 'reflect-metadata';
import { openDatabase } from '@terramesh/database';
import { loadSettings, processEnvironment, SettingsError } from '@terramesh/service';
import { recoverAdministrator } from './accounts/administrators.js';
import { projectsSchema } from './persistence/projects-schema.js';
import { projectsSettings } from './projects.settings.js';

const unknown = process.argv.slice(2).filter((argument) => argument !== '--revoke');
if (unknown.length > 0) {
  process.stderr.write(
    `unknown: ${unknown.join(' ')}; --revoke makes every other token of the administrator worthless\n`,
  );
  process.exit(1);
}
try {
  const { databaseUrl } = projectsSettings;
  const settings = loadSettings({ databaseUrl }, { env: processEnvironment() });
  const database = await openDatabase({ ...projectsSchema, url: settings.databaseUrl, poolSize: 2, waitMs: 5_000 });
  try {
    const revoke = process.argv.includes('--revoke') ? 'all' : 'none';
    process.stdout.write(`${await recoverAdministrator(database, { revoke })}\n`);
  } finally {
    await database.close();
  }
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof SettingsError ? message : `no token could be made: ${message}`}\n`);
  process.exitCode = 1;
}
