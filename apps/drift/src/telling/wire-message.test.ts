import { describe, expect, test } from '@jest/globals';
import { DriftMessage } from '@terramesh/contracts';
import { encodeHttp, encodeSlack } from './wire-message.js';

const common = {
  eventId: 'a3bb189e-8bf9-4888-9912-ace4e6543002',
  at: '2026-11-23T10:00:00.000Z',
  repository: { hostname: 'github.com', repository: 'acme/infra' },
  ref: 'main',
};
const run = { runId: 'run-1', detectionId: null };
const target = { directory: 'modules/vpc', terraformWorkspace: 'production', name: 'vpc' };
const told = {
  target,
  toAdd: 1,
  toChange: 2,
  toDestroy: 0,
  toImport: 0,
  changesOutside: false,
  addresses: ['aws_vpc.main', 'aws_vpc.ünïcode', 'a.b', 'c.d'],
  owner: 'team <net>',
};
const ofTargets = { ...common, ...run, commit: 'c0ffee', targets: [told], totalTargets: 3 };
const ofChecks = {
  ...common,
  ...run,
  targets: [{ target, problem: 'Error: <!channel>\nmore' }],
  totalTargets: 1,
  reason: null,
};
const ofSchedule = { ...common, scheduleId: common.eventId, schedule: 'nightly' };

const messages: DriftMessage[] = [
  { kind: 'drift.found', ...ofTargets },
  { kind: 'drift.changed', ...ofTargets },
  { kind: 'drift.resolved', ...ofTargets },
  { kind: 'loop.detected', ...ofTargets, reason: 'three times' },
  { kind: 'check.failed', ...ofChecks },
  { kind: 'check.recovered', ...ofChecks },
  { kind: 'check.failed', ...ofChecks, targets: [], totalTargets: 0, reason: 'cannot be cloned: <!channel>' },
  { kind: 'breaker.opened', ...common, ...run, reason: 'too many', checkedTargets: 200, driftedTargets: 199 },
  { kind: 'breaker.closed', ...common, reason: 'looked', user: '' },
  {
    kind: 'remediation.finished',
    ...common,
    remediationId: common.eventId,
    runId: null,
    action: 'apply',
    status: 'partial',
    totalTargets: 2,
    successCount: 1,
    failureCount: 1,
    reason: null,
  },
  { kind: 'schedule.missed', ...ofSchedule, missed: 4, firstMissedAt: common.at },
  { kind: 'schedule.failed', ...ofSchedule, reason: 'cannot be cloned', failures: 1, nextRunAt: common.at },
];

test('there is an example of every kind', () => {
  const kinds = DriftMessage.options.map((option) => option.shape.kind.value);
  expect([...new Set(messages.map(({ kind }) => kind))].sort()).toEqual(kinds.sort());
});

test('a program gets snake_case, the repository flat, and targets as Atlantis names them', () => {
  expect(JSON.parse(encodeHttp(DriftMessage.parse(messages[0])))).toEqual({
    event_id: common.eventId,
    kind: 'drift.found',
    at: common.at,
    hostname: 'github.com',
    repository: 'acme/infra',
    ref: 'main',
    run_id: 'run-1',
    detection_id: null,
    commit: 'c0ffee',
    targets: [
      {
        project_name: 'vpc',
        path: 'modules/vpc',
        workspace: 'production',
        to_add: 1,
        to_change: 2,
        to_destroy: 0,
        to_import: 0,
        changes_outside: false,
        addresses: told.addresses,
        owner: 'team <net>',
      },
    ],
    total_targets: 3,
  });
});

describe('Slack', () => {
  test.each(messages.map((message) => [message.kind, message] as const))('%s says where', (_, message) => {
    const { text } = JSON.parse(encodeSlack(DriftMessage.parse(message)));
    if (message.kind !== 'breaker.closed') expect(text).toContain('*github.com/acme/infra* at `main`');
    expect(text).not.toMatch(/undefined|<!channel>|<net>/);
  });

  test('lists the targets, some addresses and how many more there are', () => {
    const { text } = JSON.parse(encodeSlack(DriftMessage.parse(messages[0])));
    expect(text.split('\n').slice(1)).toEqual([
      '• vpc (team &lt;net&gt;): +1 ~2 -0 `aws_vpc.main`, `aws_vpc.ünïcode`, `a.b`, …',
      '• and 2 more',
    ]);
  });

  test('stays short when there are many targets', () => {
    const many = DriftMessage.parse({ ...messages[0], targets: new Array(50).fill(told), totalTargets: 200 });
    const { text } = JSON.parse(encodeSlack(many));
    expect(text.length).toBeLessThanOrEqual(3000);
    expect(text.split('\n').length).toBeLessThanOrEqual(21);
  });
});
