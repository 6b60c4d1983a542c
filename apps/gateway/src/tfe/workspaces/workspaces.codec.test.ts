import { describe, expect, test } from '@jest/globals';
import { ExecutionId, RunId, type TargetRun, type Workspace, WorkspaceSettings } from '@terramesh/contracts';
import type { FastifyRequest } from 'fastify';
import { encodeRun } from './runs.codec.js';
import { decodeWorkspaceQuery, encodeEffectiveTag, encodeWorkspace } from './workspaces.codec.js';
import { RunResource, WorkspaceResource } from './workspaces.schema.js';

const workspace: Workspace = {
  id: 'ws-1111111111111111',
  name: 'web',
  organizationName: 'acme',
  projectId: 'prj-1111111111111111',
  description: null,
  executionMode: 'remote',
  overwritesExecutionMode: false,
  terraformVersion: 'latest',
  workingDirectory: 'a',
  terraformWorkspace: 'default',
  settings: WorkspaceSettings.parse({ autoApply: true }),
  autoDestroyActivityDuration: '3d',
  vcs: {
    type: 'Github',
    hostname: 'github.com',
    repository: 'acme/infra',
    branch: '',
    oauthTokenId: null,
    githubAppInstallationId: null,
  },
  place: { hostname: 'github.com', repository: 'acme/infra', directory: 'a', terraformWorkspace: 'default' },
  tagNames: ['x'],
  effectiveTags: null,
  lock: { person: null, holder: null },
  permissions: {
    canUpdate: true,
    canDestroy: true,
    canForceDelete: true,
    canQueueRun: true,
    canQueueApply: true,
    canQueueDestroy: true,
    canReadRun: true,
    canReadSettings: true,
    canLock: true,
    canUnlock: true,
    canForceUnlock: true,
    canReadVariable: true,
    canUpdateVariable: true,
    canReadStateVersions: true,
    canReadStateOutputs: true,
    canCreateStateVersions: true,
    canManageTags: true,
    canManageRunTasks: true,
    canReadAssessmentResults: true,
  },
  createdAt: '2025-01-01T00:00:00.000Z',
  updatedAt: '2025-01-01T00:00:00.000Z',
};

const run: TargetRun = {
  id: RunId.parse('run-1111111111111111'),
  runId: RunId.parse('run-2222222222222222'),
  executionId: ExecutionId.parse('exe-1111111111111111'),
  place: { hostname: 'github.com', repository: 'acme/infra', directory: 'a', terraformWorkspace: 'default' },
  kind: 'plan',
  state: 'planned',
  ref: 'main',
  pull: null,
  commit: 'c0ffee',
  user: '',
  waitingFor: null,
  plan: { toAdd: 0, toChange: 1, toDestroy: 0, toImport: 0, changesOutside: false, summary: '' },
  problem: null,
  createdAt: '2025-01-01T00:00:00.000Z',
  startedAt: '2025-01-01T00:00:01.000Z',
  finishedAt: '2025-01-01T00:00:02.000Z',
  cancelRequestedAt: null,
};

describe('a workspace', () => {
  test('is what the OpenAPI document says, down to its last member', () => {
    const encoded = encodeWorkspace({ ...workspace, effectiveTags: [] }, run);
    expect(WorkspaceResource.parse(encoded)).toEqual(encoded);
  });

  test('links its latest run, says null for none, and nothing when nobody could say', () => {
    const latestRun = (latest: TargetRun | null | undefined) =>
      encodeWorkspace(workspace, latest).relationships?.['latest-run'];
    expect(latestRun(run)).toEqual({
      data: { id: run.id, type: 'runs' },
      links: { related: `/api/v2/runs/${run.id}` },
    });
    expect(latestRun(null)).toEqual({ data: null });
    expect(latestRun(undefined)).toEqual({ links: { related: `/api/v2/workspaces/${workspace.id}/runs` } });
  });

  const person = { ownerId: 'user-1', user: 'ann', reason: 'why', since: '2025-01-01T00:00:00.000Z' };
  test.each([
    [{ person: null, holder: null }, false, null],
    [{ person, holder: null }, true, { id: 'user-1', type: 'users' }],
    [{ person: { ...person, ownerId: 'team-1' }, holder: null }, true, { id: 'team-1', type: 'teams' }],
    [{ person: null, holder: { kind: 'run', runId: run.runId, pull: null } }, true, { id: run.id, type: 'runs' }],
    [{ person: null, holder: { kind: 'run', runId: 'run-x', pull: 1 } }, true, { id: 'run-x', type: 'runs' }],
    [{ person: null, holder: { kind: 'pull', pull: 1 } }, true, null],
  ] as const)('held by %j is locked: %p, by %j', (lock, locked, by) => {
    const { attributes, relationships } = encodeWorkspace({ ...workspace, lock }, run);
    expect(attributes).toMatchObject({ locked });
    expect(relationships?.['locked-by']?.data).toEqual(by);
  });

  test('without a repository has none to show', () => {
    expect(encodeWorkspace({ ...workspace, vcs: null, place: null }, null).attributes).toMatchObject({
      'vcs-repo': null,
      'vcs-repo-identifier': null,
    });
  });

  test('says of an inherited tag where it is from', () => {
    const tag = { id: 'tb-1', key: 'env', value: 'prod' };
    expect(encodeEffectiveTag({ ...tag, projectId: null })).not.toHaveProperty('links');
    expect(encodeEffectiveTag({ ...tag, projectId: 'prj-1' }).links).toEqual({ target: '/api/v2/projects/prj-1' });
  });
});

describe('a run', () => {
  test('is what the OpenAPI document says, and names the run that it is a part of', () => {
    const encoded = encodeRun(run, workspace);
    expect(RunResource.parse(encoded)).toEqual(encoded);
    expect(encoded.attributes).toMatchObject({
      'has-changes': true,
      'terramesh-run-id': run.runId,
      'status-timestamps': {
        'plan-queueable-at': run.createdAt,
        'planning-at': run.startedAt,
        'planned-and-finished-at': run.finishedAt,
      },
    });
  });

  test('does not say whether it has changes before it knows', () => {
    expect(encodeRun({ ...run, plan: null }, workspace).attributes).toMatchObject({ 'has-changes': null });
  });
});

describe('the query of a list', () => {
  const decode = (query: Record<string, string>) => decodeWorkspaceQuery({ query } as unknown as FastifyRequest);

  test('is empty when its parameters are', () => {
    expect(decode({ 'search[name]': '', 'search[tags]': '', 'filter[project][id]': '' })).toEqual(decode({}));
  });

  test('names tags between commas', () => {
    expect(decode({ 'search[tags]': 'a, b,,c', 'search[exclude-tags]': 'd' })).toMatchObject({
      tags: ['a', 'b', 'c'],
      excludedTags: ['d'],
    });
  });

  test.each([
    { sort: 'latest-change-at' },
    { 'filter[current-run][status]': 'applied' },
    { 'search[tags]': Array.from({ length: 101 }, (_, index) => `t${index}`).join(',') },
    { 'filter[tagged][0][value]': 'x' },
  ])('%j is refused rather than ignored', (query) => {
    expect(() => decode(query)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });
});
