// What drift promises, against what is: pure. Every detection and remediation ends, has one run, and says what that did.
import { groupBy } from './group-by.mjs';

const said = (figure, texts) => texts.map((text) => ({ figure, text }));
const lost = (texts) => said('lost runs', texts);
const twice = (texts) => said('double applies', texts);
const lies = (texts) => said('false successes', texts);
const other = (texts) => said('other broken promises', texts);

const ends = new Set(['success', 'partial', 'failed']);

/**
 * @param facts `drift` (requests, detections, detected, remediations, remediated, claims, records, looks, `proof`), runs and
 *   executions
 * @returns {{ figure: string, text: string }[]}
 */
export function findBrokenDrift({ drift, runs, executions }) {
  const executionsOf = groupBy(executions, ({ runId }) => runId);
  const executionOf = (runId, directory) => executionsOf.get(runId)?.find((one) => one.directory === directory);
  return [
    ...requests(drift),
    ...oneRun(drift, runs),
    ...detections(drift, executionOf),
    ...remediations(drift, executionOf),
    ...records(drift),
    ...other(drift.claims.map(({ claim, id }) => `${claim} is kept by remediation ${id}, which is over`)),
    ...other(drift.proof),
  ];
}

function requests({ requests: asked, detections: detected, remediations: remediated }) {
  return asked.flatMap(({ kind, key, id, answers }) => {
    const rows = kind === 'detect' ? detected : remediated;
    const made = rows.filter((row) => row.key === key).map((row) => row.id);
    const told = new Set([...made, ...answers.flatMap((answer) => answer.id ?? [])]);
    const row = rows.find((one) => one.id === id);
    const refused = answers.filter(({ status }) => status >= 400 && status < 500);
    const last = answers.at(-1);
    return [
      ...(id === undefined ? other([`${kind} ${key} was never accepted: ${last?.status} ${last?.text}`]) : []),
      ...(id !== undefined && row === undefined ? lost([`${kind} ${id} was accepted and does not exist`]) : []),
      ...(row !== undefined && !ends.has(row.status) ? lost([`${kind} ${id} was accepted and is ${row.status}`]) : []),
      ...(told.size > 1 ? twice([`key ${key} made ${[...told].join(', ')}`]) : []),
      ...other(refused.map(({ status, text }) => `${kind} ${key} was refused: ${status} ${text}`)),
    ];
  });
}

/** The key that drift gives to `runs` says for whom a run is. */
function oneRun({ detections: detected, remediations: remediated }, runs) {
  const byKey = groupBy(runs, ({ key }) => key);
  const check = (kind) => (row) => {
    const mine = (byKey.get(`${kind}:${row.id}`) ?? []).map(({ id }) => id);
    const known = row.runId === null ? [] : [row.runId];
    return [
      ...(mine.length > 1 ? twice([`${kind} ${row.id} has ${mine.length} runs: ${mine.join(', ')}`]) : []),
      ...(`${mine}` === `${known}` || mine.length > 1
        ? []
        : other([`${kind} ${row.id} names run ${known}, its run is ${mine}`])),
    ];
  };
  return [...detected.flatMap(check('detection')), ...remediated.flatMap(check('remediation'))];
}

const clean = ['no_changes', 'applied'];

function detections({ detections: rows, detected }, executionOf) {
  const targetsOf = groupBy(detected, ({ id }) => id);
  return rows.flatMap(({ id, status, runId, failed }) => {
    const targets = targetsOf.get(id) ?? [];
    const wrong = targets.filter(({ directory, hasDrift, error }) => {
      const state = executionOf(runId, directory)?.state;
      if (error !== null) return [...clean, 'planned'].includes(state);
      return hasDrift ? state !== 'planned' : !clean.includes(state);
    });
    const broken = targets.filter(({ error }) => error !== null).length;
    return [
      ...lies(
        wrong.map(
          ({ directory, hasDrift, error }) =>
            `detection ${id} says of ${directory}: ${error ?? `drift ${hasDrift}`}, ${runId} has it ${executionOf(runId, directory)?.state}`,
        ),
      ),
      ...(status === 'success' && (broken > 0 || failed > 0 || targets.length === 0)
        ? lies([`detection ${id} is a success with ${broken} failures among ${targets.length} targets`])
        : []),
    ];
  });
}

/** What the end of an execution is for the target of a remediation. */
const appliedAs = { applied: 'yes', outcome_unknown: 'unknown' };

function remediations({ remediations: rows, remediated }, executionOf) {
  const targetsOf = groupBy(remediated, ({ id }) => id);
  return rows.flatMap(({ id, action, origin, status, runId, told }) => {
    const targets = targetsOf.get(id) ?? [];
    const failed = targets.filter((one) => one.status !== 'success').length;
    const expected = failed === 0 ? 'success' : failed === targets.length ? 'failed' : 'partial';
    const mostTold = origin === 'user' && runId !== null ? [1] : [0, 1];
    return [
      ...targets.flatMap((target) => remediatedTarget({ id, action, runId }, target, executionOf)),
      ...(ends.has(status) && status !== expected
        ? (status === 'failed' ? other : lies)([
            `remediation ${id} is ${status}: ${failed} of ${targets.length} failed`,
          ])
        : []),
      ...(mostTold.includes(told) ? [] : other([`the end of remediation ${id} was told ${told} times`])),
    ];
  });
}

function remediatedTarget({ id, action, runId }, { directory, part, status, applied }, executionOf) {
  const execution = part === 'refused' ? undefined : executionOf(runId, directory);
  const state = execution?.state;
  const what = `remediation ${id} says of ${directory}: ${status}, applied ${applied}; ${runId} has it ${state}`;
  const isGood = state === 'no_changes' || state === (action === 'plan' ? 'planned' : 'applied');
  if (applied !== (appliedAs[state] ?? 'no')) return (applied === 'yes' ? lies : other)([what]);
  if (isGood === (status === 'success')) return [];
  return (isGood ? other : lies)([what]);
}

/** A record has what the newest look found, whoever looked. */
function records({ records: rows, looks }) {
  const byTarget = groupBy(looks, ({ ref, directory }) => `${ref} ${directory}`);
  const known = new Set(rows.map(({ ref, directory }) => `${ref} ${directory}`));
  const unknown = [...byTarget.keys()].filter((target) => !known.has(target));
  const wrong = rows.flatMap(({ ref, directory, hasDrift, runId, checkedAt }) => {
    const mine = byTarget.get(`${ref} ${directory}`) ?? [];
    const newestAt = mine.reduce((max, { at }) => Math.max(max, at), 0);
    const newest = mine.filter(({ at }) => at === newestAt);
    const fits = ({ state, runId: lookedBy }) => lookedBy === runId && (state === 'planned') === hasDrift;
    if (mine.length === 0 ? checkedAt === null : newest.some(fits)) return [];
    const last = newest.map((look) => `${look.runId} (${look.state})`).join(', ');
    return [`the record of ${directory} at ${ref} says drift ${hasDrift} by ${runId}; the newest look is ${last}`];
  });
  return other([...unknown.map((target) => `${target} was looked at and has no record`), ...wrong]);
}
