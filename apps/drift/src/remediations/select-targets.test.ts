import { expect, test } from '@jest/globals';
import { type KnownTarget, type Selection, selectorsOf, selectTargets } from './select-targets.js';

const counts = { toAdd: 0, toChange: 1, toDestroy: 0, toImport: 0, changesOutside: false, summary: '' };
const known = (name: string, terraformWorkspace: string, hasDrift: boolean | null): KnownTarget => ({
  directory: `modules/${name || 'unnamed'}`,
  terraformWorkspace,
  name,
  drift: hasDrift === null ? null : { ...counts, hasDrift },
  commit: 'a'.repeat(40),
  checkedAt: new Date(0),
});
const all = [
  known('vpc', 'production', true),
  known('ec2', 'production', false),
  known('dns', 'staging', true),
  known('', 'default', true),
  known('never', 'staging', null),
];
const select = (wanted: Partial<Selection>) => {
  const chosen = selectTargets({ projects: [], workspaces: [], selection: 'all', ...wanted }, all);
  return chosen.map(({ name, directory }) => name || directory);
};

test.each([
  [{}, ['vpc', 'ec2', 'dns', 'modules/unnamed', 'never']],
  [{ workspaces: ['staging'] }, ['dns', 'never']],
  [{ workspaces: ['Staging'] }, []],
  [{ selection: 'drifted' as const }, ['vpc', 'dns', 'modules/unnamed']],
  [{ selection: 'drifted' as const, projects: ['ec2', 'dns'] }, ['dns']],
  [{ selection: 'drifted' as const, workspaces: ['production', 'default'] }, ['vpc', 'modules/unnamed']],
  // Names alone: recorded or not, in the order of the request, and workspaces do not matter.
  [{ projects: ['unheard of', 'dns', 'dns'], workspaces: ['production'] }, ['unheard of', 'dns']],
])('%j selects %j', (wanted, expected) => {
  expect(select(wanted)).toEqual(expected);
});

test('a name that several records have is as guarded as the one that was checked last', () => {
  const older = { ...known('vpc', 'staging', true), commit: 'b'.repeat(40), checkedAt: new Date(-1) };
  const wanted = { projects: ['vpc'], workspaces: [], selection: 'all' as const };
  expect(selectTargets(wanted, [older, ...all])).toMatchObject([
    { name: 'vpc', directory: '', commit: 'a'.repeat(40), checkedAt: new Date(0) },
  ]);
});

test('targets are asked for by name where they have one, each once', () => {
  expect(selectorsOf([...all.slice(0, 1), ...all.slice(3, 4), known('vpc', 'staging', true)])).toEqual({
    projects: ['vpc'],
    paths: [{ directory: 'modules/unnamed', workspace: 'default' }],
  });
});
