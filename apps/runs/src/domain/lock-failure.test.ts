import { describe, expect, it, test } from '@jest/globals';
import { lockHeldFailure, lockWaitTimedOutFailure, outcomeUnknownFailure } from './lock-failure.js';

const run = { kind: 'run', runId: 'run-abc', pull: null } as const;

describe('lockHeldFailure', () => {
  it.each([
    ['Github', '#7'],
    ['Gitea', '#7'],
    ['Gitlab', '!7'],
  ] as const)("is Atlantis' text for a pull request on %s", (type, label) => {
    const expected =
      `This project is currently locked by an unapplied plan from pull ${label}. To continue, delete the lock from ${label} or apply that plan and merge the pull request.` +
      '\n\nOnce the lock is released, comment `atlantis plan` here to re-plan.';
    expect(lockHeldFailure({ type, holder: { kind: 'pull', pull: 7 } })).toBe(expected);
    expect(lockHeldFailure({ type, holder: { kind: 'run', runId: 'run-abc', pull: 7 } })).toBe(expected);
  });

  it('names a run without a pull request by its id', () => {
    const failure = lockHeldFailure({ type: 'Github', holder: run });
    expect(failure).toContain('locked by an unapplied plan from run run-abc.');
    expect(failure).not.toMatch(/#|pull/);
  });
});

test('a person who locked the workspace is named, with the reason', () => {
  const holder = {
    kind: 'person',
    workspaceId: 'ws-1',
    workspace: 'acme/web',
    user: 'ann',
    reason: 'maintenance',
  } as const;
  expect(lockHeldFailure({ type: 'Github', holder })).toBe('workspace acme/web is locked by ann: maintenance');
  expect(lockHeldFailure({ type: 'Github', holder: { ...holder, reason: '' } })).toBe(
    'workspace acme/web is locked by ann',
  );
});

describe('lockWaitTimedOutFailure', () => {
  it('names the run that kept the lock and how long was waited', () => {
    expect(lockWaitTimedOutFailure({ type: 'Gitlab', holder: { ...run, pull: 3 }, waitedMs: 300_000 })).toContain(
      'still locked by run run-abc of pull !3 after a wait of 300 seconds',
    );
  });
});

describe('outcomeUnknownFailure', () => {
  it('names both ways out', () => {
    const failure = outcomeUnknownFailure({ type: 'Github', holder: run, lockName: 'acme/infra/vpc/default' });
    expect(failure).toContain(
      'ended without a known outcome: plan it first, or delete its lock "acme/infra/vpc/default"',
    );
  });
});
