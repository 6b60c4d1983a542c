import 'reflect-metadata';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type OperationInput, repositories } from '@terramesh/contracts';
import { Mesh, openMesh } from '@terramesh/mesh';
import { createLogger, type Environment, loadSettings, type RunningService, startService } from '@terramesh/service';
import { createTestDatabase } from '@terramesh/testing';
import { projects } from '../src/projects.js';

const logger = createLogger({ level: 'silent' });
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

const settingsOf = (env: Environment) =>
  loadSettings(projects.settings, { env: { DATABASE_URL: 'postgres://localhost/none', ...env } });

async function start(env: Environment): Promise<{ service: RunningService; admit: Admit }> {
  const database = await createTestDatabase();
  stops.push(() => database.drop());
  const link = await openMesh({ url: 'inproc:', logger });
  stops.push(() => link.close());
  const service = await startService(projects, {
    settings: settingsOf({ DATABASE_URL: database.url, ...env }),
    link,
    logger,
  });
  stops.push(() => service.stop());
  const mesh = new Mesh(link, 'test');
  return { service, admit: (input) => mesh.call(repositories.admit, input) };
}
type Admit = (input: OperationInput<typeof repositories.admit>) => Promise<unknown>;

describe('the service', () => {
  test('admits over the mesh with public hosts unless told otherwise, and is ready', async () => {
    const { service, admit } = await start({ TERRAMESH_REPO_ALLOWLIST: '*' });
    expect(await service.ready()).toEqual({ status: 'ok' });
    expect(await admit({ type: 'Gitlab', repository: 'acme/eu/infra' })).toEqual({
      hostname: 'gitlab.com',
      repository: 'acme/eu/infra',
      cloneUrl: 'https://gitlab.com/acme/eu/infra.git',
    });
  });

  test("reads Atlantis' variables", async () => {
    const { admit } = await start({
      ATLANTIS_REPO_ALLOWLIST: 'ghe.local/acme/*',
      ATLANTIS_GH_HOSTNAME: 'ghe.local:8443',
      ATLANTIS_GITEA_BASE_URL: 'http://gitea.local/sub',
    });
    expect(await admit({ type: 'Github', repository: 'acme/infra' })).toMatchObject({
      hostname: 'ghe.local',
      cloneUrl: 'https://ghe.local:8443/acme/infra.git',
    });
    await expect(admit({ type: 'Gitea', repository: 'acme/infra' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  });

  test('carries the code and the message of a refusal to the caller', async () => {
    const { admit } = await start({ TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*', TERRAMESH_GITEA_URL: 'off' });
    await expect(admit({ type: 'Github', repository: 'other/infra' })).rejects.toMatchObject({
      code: 'FORBIDDEN',
      message: 'repo not allowlisted',
    });
    await expect(admit({ type: 'Gitea', repository: 'acme/infra' })).rejects.toMatchObject({
      code: 'INVALID',
      message: 'Gitea is not configured: set TERRAMESH_GITEA_URL',
    });
    await expect(admit({ type: 'Github', repository: '../infra' })).rejects.toMatchObject({ code: 'INVALID' });
  });
});

describe('the settings', () => {
  test.each([
    [{}, /TERRAMESH_REPO_ALLOWLIST/],
    [{ TERRAMESH_REPO_ALLOWLIST: ' , ' }, /TERRAMESH_REPO_ALLOWLIST: must not be empty/],
    [{ ATLANTIS_REPO_ALLOWLIST: 'https://github.com/*' }, /ATLANTIS_REPO_ALLOWLIST: must name repositories/],
    [{ TERRAMESH_REPO_ALLOWLIST: '*', TERRAMESH_GITHUB_URL: 'ssh://github.com' }, /TERRAMESH_GITHUB_URL: must begin/],
    [{ TERRAMESH_REPO_ALLOWLIST: '*', TERRAMESH_GITLAB_URL: 'https://x?y' }, /TERRAMESH_GITLAB_URL: must not hold/],
  ])('%j cannot start, and the message says which setting is wrong', (env, message) => {
    expect(() => settingsOf(env)).toThrow(message);
  });
});
