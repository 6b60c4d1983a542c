import { describe, expect, test } from '@jest/globals';
import { summarizePlan } from './plan-summary.js';

const change = (...actions: string[]) => ({ mode: 'managed', change: { actions, before: { big: 'x' } } });
const none = { toAdd: 0, toChange: 0, toDestroy: 0, toImport: 0, toForget: 0, changesOutside: false };
const noChanges = 'No changes. Your infrastructure matches the configuration.';

describe('counts are those of the Plan line', () => {
  test.each([
    ['nothing', [], none],
    ['no-op', [change('no-op')], none],
    [
      'create, update, delete',
      [change('create'), change('update'), change('delete'), change('delete')],
      { ...none, toAdd: 1, toChange: 1, toDestroy: 2 },
    ],
    [
      'a replacement is one of each',
      [change('delete', 'create'), change('create', 'delete')],
      { ...none, toAdd: 2, toDestroy: 2 },
    ],
    [
      'data sources do not count',
      [
        { mode: 'data', change: { actions: ['read'] } },
        { mode: 'data', change: { actions: ['delete'] } },
      ],
      none,
    ],
    ['forget', [change('forget')], { ...none, toForget: 1 }],
    ['create after forget', [change('create', 'forget')], { ...none, toAdd: 1, toForget: 1 }],
    [
      'import alone',
      [{ mode: 'managed', change: { actions: ['no-op'], importing: { id: 'a' } } }],
      { ...none, toImport: 1 },
    ],
    [
      'import and update',
      [{ mode: 'managed', change: { actions: ['update'], importing: { id: 'a' } } }],
      { ...none, toImport: 1, toChange: 1 },
    ],
    ['a move alone', [{ mode: 'managed', previous_address: 'a.b', change: { actions: ['no-op'] } }], none],
  ])('%s', (_name, resource_changes, expected) => {
    expect(summarizePlan({ resource_changes }, '')).toMatchObject(expected);
  });

  test('a document without changes at all', () => {
    expect(summarizePlan({ format_version: '1.2' }, '')).toEqual({ ...none, summary: noChanges });
  });

  test('what is not a plan is refused', () => {
    expect(() => summarizePlan('x', '')).toThrow();
    expect(() => summarizePlan({ resource_changes: 1 }, '')).toThrow();
  });
});

describe('changesOutside', () => {
  test.each([
    ['an update', ['update'], true],
    ['a deletion', ['delete'], true],
    ['a move', ['no-op'], false],
  ])('%s: %p', (_name, actions, expected) => {
    expect(summarizePlan({ resource_drift: [{ change: { actions } }] }, '').changesOutside).toBe(expected);
  });
});

describe('summary', () => {
  const oneToAdd = { resource_changes: [change('create')] };
  const output = { output_changes: { a: { actions: ['create'] } } };

  test.each([
    [
      'the printed Plan line',
      oneToAdd,
      'x\n\nPlan: 1 to add, 0 to change, 0 to destroy.\nz',
      'Plan: 1 to add, 0 to change, 0 to destroy.',
    ],
    [
      'with what newer versions add to it',
      oneToAdd,
      'Plan: 1 to add, 0 to change, 0 to destroy. Actions: 2 to invoke.',
      'Plan: 1 to add, 0 to change, 0 to destroy. Actions: 2 to invoke.',
    ],
    ['rebuilt when it was not printed', oneToAdd, '', 'Plan: 1 to add, 0 to change, 0 to destroy.'],
    [
      'rebuilt when what was printed is not about this plan',
      oneToAdd,
      'Plan: 3 to add, 0 to change, 0 to destroy.',
      'Plan: 1 to add, 0 to change, 0 to destroy.',
    ],
    [
      'rebuilt with import and forget',
      { resource_changes: [{ mode: 'managed', change: { actions: ['no-op'], importing: {} } }, change('forget')] },
      '',
      'Plan: 1 to import, 0 to add, 0 to change, 0 to destroy, 1 to forget.',
    ],
    ['the printed No changes sentence', {}, `\n${noChanges}\n\nTerraform has compared`, noChanges],
    [
      "an older version's sentence",
      {},
      'No changes. Infrastructure is up-to-date.\n',
      'No changes. Infrastructure is up-to-date.',
    ],
    [
      'nothing to destroy',
      {},
      'No changes. No objects need to be destroyed.\n',
      'No changes. No objects need to be destroyed.',
    ],
    [
      'a move alone prints a Plan line',
      { resource_changes: [change('no-op')] },
      'Plan: 0 to add, 0 to change, 0 to destroy.\n',
      'Plan: 0 to add, 0 to change, 0 to destroy.',
    ],
    ['empty when only outputs change', output, 'Changes to Outputs:\n  + a = 1\n', ''],
    [
      'of the resources when outputs change too',
      { ...oneToAdd, ...output },
      '',
      'Plan: 1 to add, 0 to change, 0 to destroy.',
    ],
  ])('%s', (_name, plan, text, expected) => {
    expect(summarizePlan(plan, text).summary).toBe(expected);
  });
});
