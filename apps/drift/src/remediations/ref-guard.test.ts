import { expect, test } from '@jest/globals';
import { judgeCommits, refMovedText } from './ref-guard.js';
import type { KnownTarget } from './select-targets.js';

const [older, newer] = ['a'.repeat(40), 'b'.repeat(40)];
const seen = (name: string, commit: string | null, hour: number | null): KnownTarget => ({
  directory: 'x',
  terraformWorkspace: 'default',
  name,
  drift: null,
  commit,
  checkedAt: hour === null ? null : new Date(Date.UTC(2026, 0, 1, hour)),
});

test('the commit of the latest check is insisted on', () => {
  expect(judgeCommits([seen('a', newer, 1), seen('b', newer, 2)])).toEqual({
    expectedCommit: newer,
    outdated: new Map(),
  });
});

test('what was seen at another commit is outdated', () => {
  const { expectedCommit, outdated } = judgeCommits([seen('a', newer, 3), seen('b', older, 1)]);
  expect(expectedCommit).toBe(newer);
  expect([...outdated.keys()]).toEqual([1]);
  expect(outdated.get(1)).toContain(`"b" was detected at commit ${older}, but the ref is at ${newer} now`);
});

test('what nobody has checked frees no other target of the guard', () => {
  const targets = [seen('never', null, null), seen('a', newer, 3), seen('b', older, 1)];
  const { expectedCommit, outdated } = judgeCommits(targets);
  expect(expectedCommit).toBe(newer);
  expect([...outdated.keys()]).toEqual([2]);
});

test.each([[[]], [[seen('a', null, null), seen('b', null, null)]]])('nothing is insisted on for %j', (targets) => {
  expect(judgeCommits(targets)).toEqual({ expectedCommit: null, outdated: new Map() });
});

test('the text begins and ends as that of Atlantis', () => {
  expect(refMovedText({ name: '', directory: 'modules/vpc', commit: older }, null)).toBe(
    `cached drift for project "modules/vpc" was detected at commit ${older}, but the ref has moved since; rerun drift detection before remediation apply`,
  );
});
