// Two `runs` replicas against one, where plans sleep: how much faster a repository of many targets is done by more workers.
import { setTimeout as delay } from 'node:timers/promises';
import { createGitRemote, startSlowState } from '@terramesh/testing';
import { startMesh } from './standalone.mjs';
import { paired } from './statistics.mjs';

const repository = 'bench/replicas';
/** Of each replica. Few at once, so that those of two replicas still find a processor when they wake up. */
const concurrency = 2;
const sleepMs = 2_000;
const maxWarmUps = 8;
const coldShare = 0.02;
/** A worker makes its next checkout ahead of time when nobody has asked for one for 2 s. */
const spareMs = 4_000;

/**
 * Rows of `[figure, measured, to reach]`. Each plan reads its state from a server that takes its time, so that processors
 * do not limit. Both systems are there all the time, one process per service, and are asked in turn.
 */
export async function measureReplicas({ targets, pairs }) {
  const undo = [];
  try {
    const state = await startSlowState();
    undo.push(() => state.stop());
    const names = Array.from({ length: targets }, (_, index) => `target-${String(index).padStart(3, '0')}`);
    const module = (name) => `${state.backend(name)}resource "terraform_data" "one" {\n  input = "${name}"\n}\n`;
    const files = Object.fromEntries(names.map((name) => [`${name}/main.tf`, module(name)]));
    const remote = await createGitRemote({ repository, files });
    undo.push(() => remote.remove());
    const start = async (replicas) => {
      const settings = { TERRAMESH_CONCURRENCY: String(concurrency) };
      const mesh = await startMesh({ replicas: `runs=${replicas}`, githubUrl: remote.baseUrl, settings });
      undo.push(() => mesh.stop());
      return () => planAll(mesh, names);
    };
    const [one, two] = [await start(1), await start(2)];
    for (const plan of [one, two]) await warm(plan, { state, targets: names.length });
    await delay(spareMs);
    state.delayMs = sleepMs;
    const { ratio, ratioLow, ratioHigh, aMs, bMs } = await paired(pairs, one, two);
    const [a, b] = [aMs, bMs].map((ms) => (ms / 1_000).toFixed(1));
    const measured = `${ratio.toFixed(2)} (${ratioLow.toFixed(2)} to ${ratioHigh.toFixed(2)}; ${a} s and ${b} s)`;
    const what = `${names.length} plans that sleep ${sleepMs / 1_000} s, one runs replica ÷ two, ${concurrency} at once in each`;
    return [[what, measured, '≥ 1.9']];
  } finally {
    while (undo.length > 0) await undo.pop()();
  }
}

/** Until nearly no replica meets a target for the first time: Terraform's `init` reads the state too. */
async function warm(plan, { state, targets }) {
  for (let round = 0; round < maxWarmUps; round += 1) {
    const before = state.reads;
    await plan();
    if (state.reads - before <= targets * (1 + coldShare)) return;
  }
}

async function planAll(mesh, names) {
  const paths = names.map((name) => ({ Directory: name }));
  const { body } = await mesh.post('/api/plan', { Repository: repository, Ref: 'main', Type: 'Github', Paths: paths });
  const planned = body.ProjectResults.filter(({ PlanSuccess }) => PlanSuccess !== null);
  if (planned.length !== names.length) throw new Error(`${planned.length} of ${names.length} targets were planned`);
}
