// HashiCorp's own client, unmodified: the terraform command with a `cloud` block, against the TFE API.
import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createOrganization, type TfeClient, tfeClient, tfeDocument } from './src/tfe-client.js';
import { resource, startWorld, type World } from './src/world.js';

const adminToken = 'admin-token-of-the-terraform-command-tests';
const host = 'terramesh.example';

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let world: World;
  let tfe: TfeClient;
  let folder: string;

  beforeAll(async () => {
    world = await startWorld({ mesh, settings: { TERRAMESH_ADMIN_TOKEN: adminToken, TERRAMESH_RATE_LIMIT: '0' } });
    folder = await mkdtemp(join(tmpdir(), 'terramesh-cli-'));
    tfe = tfeClient(world.url, adminToken);
    await createOrganization(tfe, 'acme');
  });
  afterAll(async () => {
    await world?.stop();
    await rm(folder, { recursive: true, force: true });
  });

  /** A directory whose state is kept by terramesh's workspaces; `terraform` runs in it. */
  async function cloudDirectory(workspaces: string, { token = adminToken } = {}) {
    const directory = await mkdtemp(join(folder, 'root-'));
    const config = join(directory, 'cli.tfrc');
    const services = Object.entries({ 'tfe.v2': '/api/v2/', 'tfe.v2.1': '/api/v2/', 'tfe.v2.2': '/api/v2/' });
    await writeFile(
      config,
      `disable_checkpoint = true
host "${host}" {
  services = { ${services.map(([name, path]) => `"${name}" = "${world.url}${path}"`).join(', ')} }
}
credentials "${host}" {
  token = "${token}"
}
`,
    );
    await writeFile(
      join(directory, 'main.tf'),
      `terraform {
  cloud {
    hostname     = "${host}"
    organization = "acme"
    workspaces {
${workspaces}
    }
  }
}
${resource()}`,
    );
    return async (...args: string[]) => {
      const env = { PATH: process.env.PATH ?? '', HOME: folder, TF_CLI_CONFIG_FILE: config, TF_IN_AUTOMATION: '1' };
      const options = { cwd: directory, env, maxBuffer: 16 * 1024 * 1024 };
      return promisify(execFile)('terraform', args, options).then(
        ({ stdout, stderr }) => ({ exitCode: 0, text: stdout + stderr }),
        (error) => ({ exitCode: Number(error.code), text: String(error.stdout) + String(error.stderr) }),
      );
    };
  }

  test('init makes the project and the workspace that the configuration names, and finds them again', async () => {
    const terraform = await cloudDirectory('      name = "network"\n      project = "Platform Team"');
    expect(await terraform('init', '-no-color')).toMatchObject({ exitCode: 0 });
    expect(await terraform('init', '-no-color')).toMatchObject({ exitCode: 0 });

    const projects = (await tfe('GET', '/organizations/acme/projects?filter%5Bnames%5D=Platform%20Team')).list();
    expect(projects).toHaveLength(1);
    const workspace = (await tfe('GET', '/organizations/acme/workspaces/network')).resource();
    expect(workspace.relationships.project?.data).toEqual({ id: projects[0]?.id, type: 'projects' });
  });

  test('plan takes the lock of the workspace and gives it back', async () => {
    const terraform = await cloudDirectory('      name = "planned"');
    expect(await terraform('init', '-no-color')).toMatchObject({ exitCode: 0 });
    expect(await terraform('plan', '-no-color')).toMatchObject({
      exitCode: 0,
      text: expect.stringContaining('Plan: 1 to add, 0 to change, 0 to destroy.'),
    });
    const workspace = (await tfe('GET', '/organizations/acme/workspaces/planned')).resource();
    expect(workspace.attributes.locked).toBe(false);

    const lock = await tfe('POST', `/workspaces/${workspace.id}/actions/lock`, { body: { reason: 'maintenance' } });
    expect(lock.status).toBe(200);
    expect(await terraform('plan', '-no-color')).toMatchObject({
      exitCode: 1,
      text: expect.stringContaining('Error acquiring the state lock'),
    });
    expect((await tfe('POST', `/workspaces/${workspace.id}/actions/unlock`)).status).toBe(200);
    expect(await terraform('plan', '-no-color')).toMatchObject({ exitCode: 0 });
  });

  test('workspaces by tag are made, listed and selected', async () => {
    const terraform = await cloudDirectory('      tags = ["app"]');
    await tfe('POST', '/organizations/acme/workspaces', { body: tfeDocument('workspaces', { name: 'untagged' }) });
    const first = await terraform('init', '-no-color', '-input=false');
    expect([first.exitCode, first.text]).toEqual([1, expect.stringContaining('No existing workspaces')]);
    const tags = { data: [{ type: 'tags', attributes: { name: 'app' } }] };
    await tfe('POST', '/organizations/acme/workspaces', { body: tfeDocument('workspaces', { name: 'web' }, { tags }) });
    expect(await terraform('init', '-no-color', '-input=false')).toMatchObject({ exitCode: 0 });
    expect(await terraform('workspace', 'new', 'worker')).toMatchObject({ exitCode: 0 });
    const listed = await terraform('workspace', 'list');
    expect(listed.text.match(/[\w-]+/g)).toEqual(['web', 'worker']);
    expect(await terraform('workspace', 'select', 'web')).toMatchObject({ exitCode: 0 });
    expect((await terraform('workspace', 'show')).text.trim()).toBe('web');
  });

  test('a wrong token is refused, and said plainly', async () => {
    const stranger = await cloudDirectory('      name = "network"', { token: 'not-a-token' });
    const refused = await stranger('init', '-no-color');
    expect([refused.exitCode, refused.text]).toEqual([1, expect.stringMatching(/unauthorized/i)]);
  });
});
