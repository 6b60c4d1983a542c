import { describe, expect, test } from '@jest/globals';
import type { LockGuard, LockKey } from '@terramesh/contracts';
import type { Claim } from './claim.js';
import { decideSweep } from './decide-sweep.js';

const runId = 'run-a';
const keyOf = (directory: string): LockKey => ({
  hostname: 'github.com',
  repository: 'acme/infra',
  directory,
  terraformWorkspace: 'default',
  name: '',
});
const claim = (directory: string, guard: LockGuard, fence: number | null = 1): Claim => ({
  key: keyOf(directory),
  holder: { kind: 'run', runId, pull: null },
  ticket: 1,
  fence,
  guard,
  user: '',
  url: '',
  reason: '',
});
const claims = [claim('a', 'none'), claim('b', 'none', null), claim('c', 'applying'), claim('d', 'outcome_unknown')];

describe('of the claims of a run', () => {
  test('nothing is freed while it lives', () => {
    expect(decideSweep({ runId, state: 'live' }, claims)).toEqual({ free: [], markUnknown: [] });
  });

  test('all but the needed ones are freed when it is finished, whatever their guard says', () => {
    const needed = [{ ...keyOf('d'), repository: 'Acme/Infra' }];
    expect(decideSweep({ runId, state: 'finished', needed }, claims)).toEqual({
      free: claims.slice(0, 3),
      markUnknown: [],
    });
  });

  test('those without an apply are freed when nobody knows it, and a live apply becomes an unknown outcome', () => {
    expect(decideSweep({ runId, state: 'unknown' }, claims)).toEqual({
      free: claims.slice(0, 2),
      markUnknown: claims.slice(2, 3),
    });
  });
});
