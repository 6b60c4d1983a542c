// Schedules of one minute beside people's runs: how evenly detections start, and whether people wait for them.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createGitRemote } from '@terramesh/testing';
import { startStandalone } from './standalone.mjs';
import { quantile } from './statistics.mjs';

const repository = 'bench/drift';
const bucketSeconds = 5;
const pauseMs = 250;
const minuteMs = 60_000;
const fractionOfMinutesWithout = 0.5;

const rootModule = (name, folder) => `
terraform {
  backend "local" {
    path = "${folder}/${name}.tfstate"
  }
}
resource "terraform_data" "one" {
  input = "${name}"
}
`;

/**
 * Rows of `[figure, measured, to reach]`. `minutes` is how long schedules are measured, after one minute in which every
 * target is looked at for the first time.
 */
export async function measureDriftSchedules({ schedules, minutes }) {
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-bench-drift-'));
  const names = Array.from({ length: schedules }, (_, index) => `target-${String(index).padStart(3, '0')}`);
  const files = Object.fromEntries([...names, 'person'].map((name) => [`${name}/main.tf`, rootModule(name, folder)]));
  const remote = await createGitRemote({ repository, files });
  const settings = { TERRAMESH_DRIFT_DETECTION: 'true' };
  const standalone = await startStandalone({ githubUrl: remote.baseUrl, settings });
  try {
    await planAsPerson(standalone);
    const without = await waitsOfPeople(standalone, Math.max(1, minutes * fractionOfMinutesWithout) * minuteMs);
    for (const directory of names) {
      await standalone.post('/api/drift/schedules', {
        ...{ type: 'Github', repository, ref: 'main', name: directory, cron: '* * * * *' },
        paths: [{ directory, workspace: 'default' }],
      });
    }
    await delay(minuteMs);
    const from = Date.now();
    const beside = await waitsOfPeople(standalone, minutes * minuteMs);
    return rowsOf({ without, beside, ...(await whatSchedulesDid(standalone, { from, until: Date.now() })) });
  } finally {
    await standalone.stop();
    await remote.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** The time from the acceptance of a run to its first execution, in ms. */
async function planAsPerson(standalone) {
  const body = { Repository: repository, Ref: 'main', Type: 'Github', Paths: [{ Directory: 'person' }] };
  const { location } = await standalone.post('/api/plan', body);
  const { createdAt, executions } = await standalone.get(location);
  return Date.parse(executions[0].startedAt) - Date.parse(createdAt);
}

async function waitsOfPeople(standalone, durationMs) {
  const waits = [];
  for (const until = Date.now() + durationMs; Date.now() < until; await delay(pauseMs)) {
    waits.push(await planAsPerson(standalone));
  }
  return waits;
}

async function whatSchedulesDid(standalone, { from, until }) {
  const starts = [];
  let failed = 0;
  for (let after = ''; after !== null; ) {
    const { detections, next } = await standalone.get(`/api/drift/detections?limit=100${after}`);
    for (const { started_at: startedAt, status } of detections) {
      const at = Date.parse(startedAt);
      if (at >= from && at < until) starts.push(at);
      if (status === 'failed') failed += 1;
    }
    after = next === null ? null : `&after=${next}`;
  }
  let [skipped, missed] = [0, 0];
  for (let after = ''; after !== null; ) {
    const page = await standalone.get(`/api/drift/schedules?limit=100${after}`);
    for (const schedule of page.schedules) [skipped, missed] = [skipped + schedule.skipped, missed + schedule.missed];
    after = page.next === null ? null : `&after=${page.next}`;
  }
  const counts = new Array(Math.floor((until - from) / 1000 / bucketSeconds)).fill(0);
  for (const at of starts) {
    const bucket = Math.floor((at - from) / 1000 / bucketSeconds);
    if (bucket < counts.length) counts[bucket] += 1;
  }
  return { counts, starts: starts.length, failed, skipped, missed, minutes: (until - from) / minuteMs };
}

function rowsOf({ without, beside, counts, starts, failed, skipped, missed, minutes }) {
  const mean = counts.reduce((sum, count) => sum + count, 0) / counts.length;
  const waits = (share) => {
    const [a, b] = [beside, without].map((some) => quantile(some, share));
    return `${(a / b).toFixed(2)} (${a.toFixed(0)} ms and ${b.toFixed(0)} ms)`;
  };
  return [
    ['detections started per minute', `${(starts / minutes).toFixed(0)}`, 'the number of schedules'],
    [`starts in the busiest ${bucketSeconds} s ÷ mean`, (Math.max(...counts) / mean).toFixed(2), '≤ 1.5'],
    ['turns left out, missed, failed', `${skipped}, ${missed}, ${failed}`, '0 missed, 0 failed'],
    [
      `a person's queue to start beside ÷ without, p50 (${beside.length} and ${without.length} runs)`,
      waits(0.5),
      '≈ 1',
    ],
    ["a person's queue to start beside ÷ without, p95", waits(0.95), '≈ 1'],
  ];
}
