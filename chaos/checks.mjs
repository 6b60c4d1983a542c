// What was promised, against what is: pure, from facts collected after everything has come to rest.
import { findBrokenDrift } from './drift-checks.mjs';
import { groupBy } from './group-by.mjs';

/** The four figures that must be zero, and everything else that must hold. */
export const figures = [
  'lost runs',
  'double applies',
  'false successes',
  'locks left for ever',
  'other broken promises',
];

const finalStates = new Set([
  'planned',
  'no_changes',
  'plan_failed',
  'applied',
  'apply_failed',
  'outcome_unknown',
  'canceled',
]);
const mayHaveEffect = new Set(['applied', 'apply_failed', 'outcome_unknown']);

/**
 * @param facts requests, runs, executions, history, effects, commits, results, logChunks, streams, `drift` (see
 *   drift-checks.mjs), `lastKey` (of the apply of everything at the end) and lists of sentences (`unsettled`, `needlessLocks`, `locksLeft`, `leftovers`)
 * @returns {{ figure: string, text: string }[]}
 */
export function findBroken(facts) {
  return [
    ...lostRuns(facts),
    ...keys(facts),
    ...effectsOfExecutions(facts),
    ...effectsWithoutExecution(facts),
    ...successes(facts),
    ...answers(facts),
    ...finalStatesStay(facts),
    ...locksExclude(facts),
    ...logs(facts),
    ...lastApply(facts),
    ...findBrokenDrift(facts),
    ...said('locks left for ever', [...facts.needlessLocks, ...facts.locksLeft]),
    ...said('other broken promises', [...facts.unsettled, ...facts.leftovers]),
  ];
}

const said = (figure, texts) => texts.map((text) => ({ figure, text }));

function lostRuns({ requests, runs }) {
  const byId = new Map(runs.map((run) => [run.id, run]));
  return requests.flatMap((request) => {
    const { runId, key, answers: given } = request;
    const last = given.at(-1);
    if (runId === undefined)
      return said('other broken promises', [`${key} was never accepted: ${last?.status} ${last?.text}`]);
    const run = byId.get(runId);
    if (run === undefined) return said('lost runs', [`${runId} was accepted and does not exist`]);
    return run.status === 'finished' ? [] : said('lost runs', [`${runId} was accepted and is ${run.status}`]);
  });
}

function keys({ requests, runs }) {
  return requests.flatMap(({ key, runId, answers: given }) => {
    const made = runs.filter((run) => run.key === key).map(({ id }) => id);
    const told = new Set([...made, ...given.flatMap(({ id }) => id ?? [])]);
    const refused = runId === undefined ? [] : given.filter(({ status }) => status >= 400 && status < 500);
    return [
      ...(told.size > 1 ? said('double applies', [`key ${key} made ${[...told].join(', ')}`]) : []),
      ...(runId !== undefined && made.length === 0 ? said('lost runs', [`key ${key} made no run`]) : []),
      ...said(
        'other broken promises',
        refused.map(({ status, text }) => `${key} was refused: ${status} ${text}`),
      ),
    ];
  });
}

function effectsOfExecutions({ executions, effects, runs, commits }) {
  const runById = new Map(runs.map((run) => [run.id, run]));
  return executions.flatMap((execution) => {
    const { id, runId, directory, state } = execution;
    const run = runById.get(runId);
    const mine = effects.filter((effect) => effect.runId === runId && effect.target === directory);
    const wanted = commits.get(run?.commit)?.[directory];
    const what = `${id} (${runId}, ${directory}, ${state})`;
    const wrong = mine.filter(({ version }) => version !== wanted?.version);
    return [
      ...(mine.length > 1 ? said('double applies', [`${what} had its effect ${mine.length} times`]) : []),
      ...(state === 'applied' && mine.length === 0 ? said('false successes', [`${what} had no effect`]) : []),
      ...(mine.length > 0 && !mayHaveEffect.has(state)
        ? said('other broken promises', [`${what} had an effect and does not say so`])
        : []),
      ...said(
        'other broken promises',
        wrong.map(({ version }) => `${what} applied ${version} instead of ${wanted?.version}`),
      ),
    ];
  });
}

function effectsWithoutExecution({ executions, effects }) {
  const known = new Set(executions.map(({ runId, directory }) => `${runId} ${directory}`));
  const unknown = effects.filter(({ runId, target }) => !known.has(`${runId} ${target}`));
  return said(
    'other broken promises',
    unknown.map((effect) => `an effect of nobody: ${JSON.stringify(effect)}`),
  );
}

/** Success only where Terraform had to succeed, and a run's success only where all of its executions have it. */
function successes({ executions, runs, commits }) {
  const executionsOf = groupBy(executions, ({ runId }) => runId);
  return runs.flatMap(({ id: runId, kind, outcome, commit }) => {
    const mine = executionsOf.get(runId) ?? [];
    const good = kind === 'plan' ? ['planned', 'no_changes'] : ['applied', 'no_changes'];
    const failed = mine.filter(({ state }) => !good.includes(state));
    const liars = mine.filter(({ directory, state }) => {
      const mode = commits.get(commit)?.[directory]?.mode;
      const refusedPlan = mode === 'refuse' && ['planned', 'no_changes', 'applied', 'apply_failed'].includes(state);
      return refusedPlan || (mode === 'fail' && state === 'applied');
    });
    return [
      ...said(
        'false successes',
        liars.map(({ id, directory, state }) => `${id} (${runId}, ${directory}) is ${state}: its Terraform must fail`),
      ),
      ...(outcome === 'success' && (failed.length > 0 || mine.length === 0)
        ? said('false successes', [`${runId} is a success with ${failed.map(({ state }) => state).join(', ')}`])
        : []),
      ...(outcome === 'failed' && mine.length > 0 && failed.length === 0
        ? said('other broken promises', [`${runId} failed and all of its executions succeeded`])
        : []),
    ];
  });
}

/** What the caller who waits is told. */
function answers({ results, runs, executions }) {
  const executionsOf = groupBy(executions, ({ runId }) => runId);
  return results.flatMap(({ runId, status, text }) => {
    const run = runs.find(({ id }) => id === runId);
    if (run === undefined) return [];
    if ((status === 200) !== (run.outcome === 'success'))
      return said('false successes', [`${runId} (${run.outcome}) is answered with ${status} ${text.slice(0, 300)}`]);
    const body = JSON.parse(text);
    return (body.ProjectResults ?? []).flatMap(({ RepoRelDir, Error: error, Failure, ApplySuccess, PlanSuccess }) => {
      const execution = (executionsOf.get(runId) ?? []).find(({ directory }) => directory === RepoRelDir);
      const says =
        error === null && Failure === '' && (run.kind === 'plan' ? PlanSuccess !== null : ApplySuccess !== '');
      const is = ['no_changes', run.kind === 'plan' ? 'planned' : 'applied'].includes(execution?.state);
      return says === is
        ? []
        : said('false successes', [`${runId} ${RepoRelDir} is ${execution?.state}, told: ${says}`]);
    });
  });
}

/** What an execution said last it said for good, and it meant to apply once. */
function finalStatesStay({ history }) {
  const byExecution = groupBy(history, ({ executionId }) => executionId);
  return [...byExecution].flatMap(([executionId, steps]) => {
    const states = steps.map(({ state }) => state).filter((state, index, all) => state !== all[index - 1]);
    const ends = states.filter((state) => finalStates.has(state));
    const intents = states.filter((state) => state === 'apply_intent');
    return [
      ...(ends.length > 1 || (ends.length === 1 && !finalStates.has(states.at(-1)))
        ? said('other broken promises', [`${executionId} did not keep to its end: ${states.join(' → ')}`])
        : []),
      ...(intents.length > 1 ? said('double applies', [`${executionId} began to apply ${intents.length} times`]) : []),
    ];
  });
}

/** Of one target, no two executions have the lock at once; and nobody deletes a lock here. */
function locksExclude({ history, executions }) {
  const directories = new Map(executions.map(({ id, directory }) => [id, directory]));
  const holders = new Map();
  const overlaps = [];
  for (const { executionId, lockState } of history) {
    const directory = directories.get(executionId);
    const holding = holders.get(directory) ?? new Set();
    holders.set(directory, holding);
    if (lockState !== 'held') holding.delete(executionId);
    else if (!holding.has(executionId)) {
      for (const other of holding) overlaps.push(`${executionId} got the lock of ${directory} while ${other} had it`);
      holding.add(executionId);
    }
  }
  const deleted = executions.filter(({ problem }) => problem?.startsWith('the lock of this target was deleted'));
  return said('other broken promises', [
    ...overlaps,
    ...deleted.map(({ id, runId, directory }) => `${id} (${runId}, ${directory}) lost its lock, which nobody deleted`),
  ]);
}

/** Numbered from 1, without a gap, without a line twice: as stored, and as read. */
function logs({ logChunks, streams }) {
  const stored = [...groupBy(logChunks, ({ runId }) => runId)].flatMap(([runId, chunks]) => {
    let next = 1;
    for (const { first, last, lines } of chunks) {
      if (first !== next || lines !== last - first + 1)
        return said('other broken promises', [`the log of ${runId} breaks at line ${next} (${first} to ${last})`]);
      next = last + 1;
    }
    return [];
  });
  const lastStored = new Map(logChunks.map(({ runId, last }) => [runId, last]));
  const read = streams.flatMap(({ runId, numbers, ended }) => {
    const whole = numbers.every((number, index) => number === index + 1);
    if (whole && ended && numbers.length === (lastStored.get(runId) ?? 0)) return [];
    return said('other broken promises', [`the log of ${runId} is read as ${numbers.length} lines, ended: ${ended}`]);
  });
  return [...stored, ...read];
}

/** After all that, the next good request works: every target has an effect of it. */
function lastApply({ runs, effects, executions, lastKey }) {
  const run = runs.find(({ key }) => key === lastKey);
  const asked = executions.filter(({ runId }) => runId === run?.id);
  const done = effects.filter(({ runId }) => runId === run?.id);
  if (run?.outcome === 'success' && asked.length > 0 && done.length === asked.length) return [];
  return said('other broken promises', [`the last apply, ${run?.id}, is ${run?.outcome}: ${done.length} effects`]);
}
