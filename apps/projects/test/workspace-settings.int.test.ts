// Settings of workspaces of which one takes the place of another, as the real service has it and clients rely on.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { projects } from '@terramesh/contracts';
import { bound, problemsOf, startWorkspaceWorld, type WorkspaceWorld } from './workspace-world.js';

let world: WorkspaceWorld;
beforeAll(async () => {
  world = await startWorkspaceWorld();
});
afterAll(() => world?.stop());

describe('triggers', () => {
  test('by prefix take the place of those by pattern, and the other way round', async () => {
    const { id, settings } = await world.create({ name: 'triggers', 'trigger-patterns': ['/a/*', '/b/*'] });
    expect(settings).toMatchObject({ triggerPrefixes: [], triggerPatterns: ['/a/*', '/b/*'] });
    const triggersAfter = async (attributes: object) => {
      const { triggerPrefixes, triggerPatterns } = (await world.update(id, attributes)).settings;
      return [triggerPrefixes, triggerPatterns];
    };
    expect(await triggersAfter({ 'trigger-prefixes': ['a'] })).toEqual([['a'], []]);
    expect(await triggersAfter({ description: 'x' })).toEqual([['a'], []]);
    expect(await triggersAfter({ 'trigger-prefixes': [], 'trigger-patterns': ['/c/*'] })).toEqual([[], ['/c/*']]);
    expect(await triggersAfter({ 'trigger-prefixes': [] })).toEqual([[], []]);
  });

  test('of both kinds at once are refused', async () => {
    const both = { name: 'both', 'trigger-prefixes': ['a'], 'trigger-patterns': ['/a/*'] };
    expect(await problemsOf(world.create(both))).toEqual([
      {
        title: 'invalid attribute',
        detail: 'Trigger patterns and trigger prefixes cannot be populated at the same time',
        pointer: '/data/attributes/trigger-patterns',
      },
    ]);
  });
});

describe('auto destroy', () => {
  test('of its own takes the place of its project’s until it inherits again', async () => {
    await world.mesh.call(projects.update, {
      caller: world.acme.owner,
      id: world.acme.defaultProjectId,
      document: { data: { type: 'projects', attributes: { 'auto-destroy-activity-duration': '3d' } } },
    });
    const { id } = await world.create({ name: 'destroyed', 'inherits-project-auto-destroy': true });
    const after = async (attributes: object) => {
      const { settings, autoDestroyActivityDuration } = await world.update(id, attributes);
      return [settings.inheritsProjectAutoDestroy, settings.autoDestroyAt, autoDestroyActivityDuration];
    };
    expect(await after({ 'auto-destroy-at': null })).toEqual([true, null, '3d']);
    expect(await after({ 'inherits-project-auto-destroy': false })).toEqual([false, null, null]);
    expect(await after({ 'auto-destroy-activity-duration': '14d' })).toEqual([false, null, '14d']);
    const at = { 'auto-destroy-at': '2030-01-01T02:00:00+02:00', 'auto-destroy-activity-duration': null };
    expect(await after(at)).toEqual([false, '2030-01-01T00:00:00.000Z', null]);
    expect(await after({ 'inherits-project-auto-destroy': true })).toEqual([true, null, '3d']);
    expect(await after({ 'auto-destroy-activity-duration': '1h' })).toEqual([false, null, '1h']);
  });

  test.each([
    ['auto-destroy-at', 'tomorrow', 'Auto destroy at must be a time'],
    [
      'auto-destroy-activity-duration',
      '20m',
      expect.stringMatching(/^Auto destroy activity duration has an incorrect/),
    ],
    ['inherits-project-auto-destroy', 'yes', 'Inherits project auto destroy must be true or false'],
  ])('%s cannot be %p', async (attribute, value, detail) => {
    expect(await problemsOf(world.create({ name: 'wrong', [attribute]: value }))).toMatchObject([
      { detail, pointer: `/data/attributes/${attribute}` },
    ]);
  });
});

describe('the repository', () => {
  test('keeps what an update leaves out', async () => {
    const { id } = await world.create({ name: 'parts', ...bound('parts') });
    const vcsAfter = async (vcs: object) => (await world.update(id, { 'vcs-repo': vcs })).vcs;
    expect(await vcsAfter({ branch: 'main', 'github-app-installation-id': 'ghain-1' })).toMatchObject({
      repository: 'acme/infra',
      branch: 'main',
      githubAppInstallationId: 'ghain-1',
    });
    expect(await vcsAfter({ 'oauth-token-id': 'ot-1', 'github-app-installation-id': '' })).toMatchObject({
      branch: 'main',
      oauthTokenId: 'ot-1',
      githubAppInstallationId: null,
    });
    expect(await vcsAfter({ branch: '' })).toMatchObject({ branch: '', oauthTokenId: 'ot-1' });
  });
});
