// The tables that a campaign ends with.
import { figures } from './checks.mjs';
import { groupBy } from './group-by.mjs';
import { leaseSeconds } from './system.mjs';
import { quantile, takeoverTimes } from './takeovers.mjs';

export function printReport({ faults, facts, broken, system, seconds, freed }) {
  const { requests, executions, runs, history, effects } = facts;
  print(['fault', 'times'], counted(faults.map(({ kind }) => kind)).concat([['all', faults.length]]));
  print(
    ['run', 'count'],
    [
      ['accepted', requests.filter(({ runId }) => runId !== undefined).length],
      ['of them answered at the first try', requests.filter((one) => one.answers[0]?.id !== undefined).length],
      ...counted(runs.map(({ kind, outcome }) => `${kind}: ${outcome ?? 'unfinished'}`)),
    ],
  );
  print(['execution', 'count'], [...counted(executions.map(({ state }) => state)), ['real effects', effects.length]]);
  const { detections, remediations } = facts.drift;
  const byWhom = ({ scheduleId }) => (scheduleId === null ? 'asked for' : 'scheduled');
  print(
    ['drift', 'count'],
    [
      ...counted(detections.map((one) => `detection, ${byWhom(one)}: ${one.status}`)),
      ...counted(remediations.map(({ origin, action, status }) => `remediation, ${origin}, ${action}: ${status}`)),
      ['targets put right', facts.drift.remediated.filter(({ applied }) => applied === 'yes').length],
    ],
  );
  print(['failed though its Terraform had no fault', 'count'], counted(innocent(facts)));
  const took = takeoverTimes(faults, history);
  const unknown = executions.filter(({ state }) => state === 'outcome_unknown').length;
  print(
    ['figure', 'measured'],
    [
      ...figures.map((figure) => [figure, broken.filter((one) => one.figure === figure).length]),
      ['outcome unknown, said so', unknown],
      ['their locks still kept at the end, then freed by a plan', freed.planned],
      ['dead worker found, its plan started elsewhere', takeoverText(took.filter(({ disturbed }) => !disturbed))],
      [
        'the same, with the database or the other worker away too',
        takeoverText(took.filter(({ disturbed }) => disturbed)),
      ],
      ['log lines', facts.logChunks.reduce((sum, { lines }) => sum + lines, 0)],
      ['services that ended by themselves and were started again', ownEnds(system)],
      ['duration', `${Math.round(seconds)} s`],
    ],
  );
}

/** Why executions of sound configurations failed: for each a reason that a person can understand, never a fault of ours. */
function innocent({ executions, runs, commits }) {
  const commitOf = new Map(runs.map(({ id, commit }) => [id, commit]));
  return executions
    .filter(({ state }) => state === 'plan_failed' || state === 'apply_failed')
    .filter(({ runId, directory }) => commits.get(commitOf.get(runId))?.[directory]?.mode === 'pass')
    .map(
      ({ state, problem }) =>
        `${state}: ${problem
          .replace(/run-\w+/g, 'run-…')
          .replace(/\s+/g, ' ')
          .slice(0, 160)}`,
    );
}

function takeoverText(took) {
  if (took.length === 0) return 'none';
  const texts = [0.5, 0.95].map((share) => {
    const value = quantile(
      took.map(({ ms }) => ms / 1000),
      share,
    );
    return `p${share * 100} ${value.toFixed(1)} s (${(value / leaseSeconds).toFixed(2)} × lease)`;
  });
  return `${texts.join(', ')}; ${took.length} times`;
}

function ownEnds(system) {
  const ends = system.all.flatMap(({ name, ownEnds: all }) => all.map(({ how }) => `${name}: ${how}`));
  return ends.length === 0
    ? 0
    : counted(ends)
        .map(([what, count]) => `${what} × ${count}`)
        .join(', ');
}

function counted(names) {
  return [...groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]).sort();
}

function print(head, rows) {
  const lines = [head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |`);
  console.log(`\n${lines.join('\n')}`);
}
