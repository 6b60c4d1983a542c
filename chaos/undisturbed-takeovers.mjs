// How long until a plan whose worker is dead is started elsewhere, with the default lease, while nothing else happens.
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createGitRemote, startSlowState } from '@terramesh/testing';
import { asker, postWithKey } from './load.mjs';
import { openRecords } from './records.mjs';
import { startSystem } from './system.mjs';
import { quantile, takeoverTimes } from './takeovers.mjs';

/** Systems that know nothing of each other, so that it takes half the time. */
const sideBySide = 2;
const timesEach = 3;
/** Longer than anybody waits here. */
const longPlanMs = 600_000;
const stepMs = 120_000;
const repository = 'chaos/infra';
/** Of a target that is new to the replica, `init` reads the state first. */
const planning = ['preparing', 'planning'];

/** Prints the figure. */
export async function measureTakeovers({ root, undo, signal }) {
  const measured = await Promise.all(
    Array.from({ length: sideBySide }, (_, index) => ofOneSystem({ root: join(root, `${index + 1}`), undo, signal })),
  );
  const seconds = measured.flat().map(({ ms }) => ms / 1000);
  const [p50, max] = [0.5, 1].map((share) => `${quantile(seconds, share)?.toFixed(1)} s`);
  console.log(`\n| figure | measured | to reach |\n| --- | --- | --- |`);
  console.log(
    `| dead worker found, its plan started elsewhere: p50, max of ${seconds.length} | ${p50}, ${max} | < 45 s |`,
  );
  console.log(`\nEach: ${seconds.map((one) => `${one.toFixed(1)} s`).join(', ')}`);
}

async function ofOneSystem({ root, undo, signal }) {
  await mkdir(root);
  const state = await startSlowState();
  undo.push(() => state.stop());
  const target = `${state.backend('one')}resource "terraform_data" "one" {\n}\n`;
  const remote = await createGitRemote({ repository, files: { 'one/main.tf': target } });
  undo.push(() => remote.remove());
  const settings = { TERRAMESH_LEASE_SECONDS: undefined };
  const system = await startSystem({ root, githubUrl: remote.baseUrl, settings });
  undo.push(() => system.stop());
  system.http = asker(system.url, system.token);
  await system.allReady();
  const records = openRecords(system.databaseUrl);
  undo.push(() => records.close());
  await records.keepHistory();
  const faults = [];
  for (let number = 0; number < timesEach && !signal.aborted; number += 1)
    faults.push(await loseAPlan({ system, records, state, number }));
  return takeoverTimes(faults, await records.history());
}

/** Kills the replica that plans, waits until the other one has done it, and starts the dead one again. */
async function loseAPlan({ system, records, state, number }) {
  const body = { Repository: repository, Ref: 'main', Type: 'Github', Paths: [{ Directory: 'one' }] };
  const request = { key: `takeover-${number}`, body, answers: [] };
  const before = state.waiting;
  state.delayMs = longPlanMs;
  const { id } = await postWithKey(system.http, '/api/plan', request);
  const worker = await until('a worker plans', async () => {
    for (const { kept, hostId } of system.replicas) {
      const host = await hostId();
      if (state.waiting > before && (await records.isWorking(host, planning))) return { kept, host };
    }
  });
  state.delayMs = 0;
  const fault = { target: worker.kept.name, hostId: worker.host, at: Date.now() };
  await worker.kept.kill();
  await until(`${id} is planned by the other worker`, async () => {
    const { outcome } = (await records.runs()).find((run) => run.id === id) ?? {};
    if (outcome !== undefined && outcome !== null) return outcome;
  });
  fault.undoneAt = Date.now();
  worker.kept.start();
  await system.allReady();
  return fault;
}

async function until(what, look) {
  for (const giveUpAt = Date.now() + stepMs; Date.now() < giveUpAt; await delay(50)) {
    const found = await look();
    if (found !== undefined) return found;
  }
  throw new Error(`not within ${stepMs / 1000} s: ${what}`);
}
