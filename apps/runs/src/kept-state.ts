// A tool for operators: takes a kept Terraform state out of the database, or forgets it. docs/operations.md.
import { openDatabase } from '@terramesh/database';
import { loadSettings, processEnvironment } from '@terramesh/service';
import { runsSchema } from './persistence/runs-schema.js';
import { deleteTerraformState, findTerraformState } from './persistence/terraform-state.repository.js';
import { runsSettings } from './runs.settings.js';

const usage = 'usage: node apps/runs/dist/kept-state.js export|forget <hostname> <repository> <directory> <workspace>';

async function main([verb, hostname, repository, directory, terraformWorkspace]: string[]): Promise<string> {
  if ((verb !== 'export' && verb !== 'forget') || !hostname || !repository || !directory || !terraformWorkspace)
    throw new Error(usage);
  const { databaseUrl: url, encryptionKey } = loadSettings(runsSettings, { env: processEnvironment() });
  const key = {
    hostname: hostname.toLowerCase(),
    repository: repository.toLowerCase(),
    directory,
    terraformWorkspace,
  };
  const database = await openDatabase({ ...runsSchema, url, poolSize: 2, waitMs: 0 });
  try {
    const { manager } = database.dataSource;
    const sealKey = encryptionKey === undefined ? null : Buffer.from(encryptionKey, 'base64');
    const state = await findTerraformState(manager, key, sealKey);
    if (state === undefined) throw new Error('there is no kept state of this target');
    if (verb === 'export') return state.toString('utf8');
    await deleteTerraformState(manager, key);
    return '';
  } finally {
    await database.close();
  }
}

try {
  process.stdout.write(await main(process.argv.slice(2)));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
