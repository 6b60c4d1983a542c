import { describe, expect, test } from '@jest/globals';
import { AtlantisDriftStatus, type DriftCounts, DriftRecord } from '@terramesh/contracts';
import { encodeDriftStatus } from './drift-status.codec.js';

const now = new Date('2025-01-21T10:31:00.999Z');
const counts = (toChange: number, summary: string): DriftCounts => {
  return { toAdd: 0, toChange, toDestroy: 0, toImport: 0, changesOutside: false, summary, hasDrift: toChange > 0 };
};

function record(part: Partial<DriftRecord> = {}): DriftRecord {
  return DriftRecord.parse({
    id: '550e8400-e29b-41d4-a716-446655440000',
    type: 'Github',
    hostname: 'github.com',
    repository: 'owner/repo',
    ref: 'main',
    target: { directory: 'modules/vpc', terraformWorkspace: 'production', name: 'vpc' },
    status: 'new',
    quiet: null,
    counts: counts(1, 'Plan: 0 to add, 1 to change, 0 to destroy.'),
    commit: null,
    runId: null,
    lastCheckedAt: '2025-01-21T10:30:00.123Z',
    fingerprint: 'F',
    firstSeenAt: null,
    lastSeenAt: null,
    resolvedAt: null,
    error: null,
    failingSince: null,
    lastFailedAt: null,
    goneAt: null,
    owner: null,
    acknowledged: null,
    snoozedUntil: null,
    ...part,
  });
}

const failing = {
  error: 'no credentials',
  failingSince: '2025-01-21T10:40:00.000Z',
  lastFailedAt: '2025-01-21T10:50:00.000Z',
};
const summaryOf = (part: Partial<DriftRecord>) => {
  const body = encodeDriftStatus('owner/repo', [record(part)], now);
  expect(AtlantisDriftStatus.parse(body)).toEqual(body);
  return body.Projects[0];
};

test('keys are in the order of the documentation, times in UTC to the second', () => {
  expect(JSON.stringify(encodeDriftStatus('owner/repo', [record()], now))).toBe(
    '{"Repository":"owner/repo","TotalProjects":1,"ProjectsWithDrift":1,"CheckedAt":"2025-01-21T10:30:00Z","Projects":[' +
      '{"ProjectName":"vpc","Path":"modules/vpc","Workspace":"production","Ref":"main","Drift":{"HasDrift":true,"ToAdd":0,' +
      '"ToChange":1,"ToDestroy":0,"ToImport":0,"ChangesOutside":false,' +
      '"Summary":"Plan: 0 to add, 1 to change, 0 to destroy."},"LastChecked":"2025-01-21T10:30:00Z"}]}',
  );
});

test('nothing recorded: zeros, an empty list, and now', () => {
  expect(encodeDriftStatus('a/b', [], now)).toEqual({
    Repository: 'a/b',
    TotalProjects: 0,
    ProjectsWithDrift: 0,
    CheckedAt: '2025-01-21T10:31:00Z',
    Projects: [],
  });
});

test('CheckedAt is the newest of all', () => {
  const times = ['2025-01-21T10:25:00Z', '2025-01-21T10:35:00Z', '2025-01-21T10:30:00Z'];
  const body = encodeDriftStatus(
    'a/b',
    times.map((lastCheckedAt) => record({ lastCheckedAt })),
    now,
  );
  expect(body.CheckedAt).toBe(times[1]);
});

describe('what could not be checked', () => {
  test('keeps the counts and the time of what is known, and says why and since when', () => {
    expect(summaryOf(failing)).toMatchObject({
      Drift: {
        HasDrift: true,
        ToChange: 1,
        Summary:
          'Error: it could not be checked since 2025-01-21T10:40:00Z: no credentials; before that: Plan: 0 to add, 1 to change, 0 to destroy.',
      },
      LastChecked: '2025-01-21T10:30:00Z',
    });
  });

  test('has no drift when it never could be, and the time of the attempt', () => {
    const never = { ...failing, status: 'unchecked' as const, counts: null, lastCheckedAt: null, fingerprint: null };
    expect(summaryOf(never)).toMatchObject({
      Drift: { HasDrift: false, ToChange: 0, Summary: expect.stringMatching(/no credentials$/) },
      LastChecked: '2025-01-21T10:50:00Z',
    });
  });
});

test('silenced drift is shown like any other', () => {
  expect(summaryOf({ quiet: 'ignored' })).toMatchObject({ Drift: { HasDrift: true, ToChange: 1 } });
});
