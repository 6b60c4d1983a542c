import { describe, expect, test } from '@jest/globals';
import type { Project } from '@terramesh/contracts';
import type { FastifyRequest } from 'fastify';
import { decodeProjectQuery, encodeIncluded, encodeProject } from './projects.codec.js';

const decode = (query: Record<string, string | string[]>) => decodeProjectQuery({ query } as unknown as FastifyRequest);
const nothing = { permissions: [], tagged: [], sort: 'name' };

describe('the query of a list', () => {
  test.each<[Record<string, string | string[]>, object]>([
    [{}, nothing],
    [{ q: '50%_\\' }, { ...nothing, query: '50%_\\' }],
    [{ 'filter[names]': 'a,B c' }, { ...nothing, names: ['a', 'B c'] }],
    [{ 'filter[names]': ['a', 'b'] }, { ...nothing, names: ['a', 'b'] }],
    [{ 'filter[names]': '' }, nothing],
    [{ 'filter[names]': ',' }, nothing],
    [{ sort: '-name' }, { ...nothing, sort: '-name' }],
    [{ sort: '' }, nothing],
    [{ 'filter[permissions][update]': '' }, { ...nothing, permissions: ['update'] }],
    [
      { 'filter[permissions][create-workspace]': 'false', 'filter[permissions][move-stack]': 'true' },
      { ...nothing, permissions: ['create-workspace'] },
    ],
    [
      { 'filter[tagged][1][value]': '', 'filter[tagged][0][key]': 'a', 'filter[tagged][1][key]': 'b' },
      {
        ...nothing,
        tagged: expect.arrayContaining([
          { key: 'a', value: '' },
          { key: 'b', value: '' },
        ]),
      },
    ],
    [{ 'filter[tagged]': 'x', 'filter[tagged][a][key]': 'x', 'filter[tagged][0][other]': 'x' }, nothing],
  ])('%j is understood', (query, expected) => {
    expect(decode(query)).toEqual(expected);
  });

  test.each<[string, Record<string, string>]>([
    ['another order', { sort: 'created-at' }],
    ['more than a thousand names', { 'filter[names]': 'a,'.repeat(1000) }],
    ['the value of a tag without its key', { 'filter[tagged][0][value]': 'x' }],
    ['a tag of any length', { 'filter[tagged][0][key]': 'x'.repeat(1001) }],
    [
      'more than fifty tags',
      Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`filter[tagged][${index}][key]`, 'x'])),
    ],
  ])('with %s is refused', (_what, query) => {
    expect(() => decode(query)).toThrow(expect.objectContaining({ code: 'INVALID' }));
  });
});

describe('the resource', () => {
  const project: Project = {
    id: 'prj-1',
    name: 'one',
    organizationName: 'acme',
    description: null,
    createdAt: '2026-01-02T03:04:05.678Z',
    workspaceCount: 2,
    teamCount: 1,
    autoDestroyActivityDuration: null,
    defaultExecutionMode: 'remote',
    overwritesExecutionMode: false,
    permissions: {
      canRead: true,
      canUpdate: false,
      canDestroy: false,
      canCreateWorkspace: true,
      canMoveWorkspace: false,
      canMoveStack: false,
      canManageStacks: false,
      canViewStacks: false,
      canUpdateStacks: false,
      canDeployNoCodeModules: false,
      canReadTeams: false,
      canManageTags: false,
      canManageTeams: false,
      canManageVarsets: false,
      canManageEphemeralWorkspaceForProjects: false,
    },
    tagBindings: null,
  };

  test('has flags in the words of the API', () => {
    expect(encodeProject(project).attributes).toMatchObject({
      permissions: {
        'can-create-workspace': true,
        'can-update': false,
        'can-deploy-no-code-modules': false,
        'can-manage-ephemeral-workspace-for-projects': false,
      },
    });
  });

  test('differs by its tags only when they are included, also when there are none', () => {
    const { relationships, ...others } = encodeProject({ ...project, tagBindings: [] });
    expect(others).toEqual({ ...encodeProject(project), relationships: undefined });
    expect(relationships?.['effective-tag-bindings']?.data).toEqual([]);
    expect(encodeProject(project).relationships?.['effective-tag-bindings']).not.toHaveProperty('data');
    expect(encodeIncluded([project])).toBeUndefined();
    expect(encodeIncluded([{ ...project, tagBindings: [] }])).toEqual([]);
  });
});
