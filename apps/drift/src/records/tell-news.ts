// Tells people what a run found: one message of a kind, however many targets it has.
import { randomUUID } from 'node:crypto';
import { type DriftMessage, maxToldAddresses, maxToldTargets, type ToldTarget } from '@terramesh/contracts';
import { type News, newsOf } from '../noise/news.js';
import { noteTold, type RecordedRef } from '../persistence/records.js';
import type { Transaction } from '../persistence/transaction.js';
import { tell } from '../telling/tell.js';
import { cut } from './cut.js';
import type { Recorded } from './record-looks.js';

export interface NewsOfRun {
  readonly ref: RecordedRef;
  readonly run: { readonly id: string; readonly commit: string | null };
  readonly detectionId: string | null;
  readonly recorded: readonly Recorded[];
  /** What the breaker says: `opened` has said all there is to say, `open` keeps new drift back. Both are told later. */
  readonly breaker: 'closed' | 'opened' | 'open';
  readonly now: Date;
}

interface Item {
  readonly recorded: Recorded;
  readonly news: News;
}

/** News of the ref as a whole; `reason` is empty when it can be looked at again. */
export interface RefNews {
  readonly check: 'failed' | 'recovered';
  readonly reason: string;
}

const maxAddressLength = 1_000;

export async function tellNews(tx: Transaction, run: NewsOfRun, refNews: RefNews | undefined): Promise<void> {
  if (run.breaker === 'opened') return;
  const items = run.recorded.map((recorded) => ({ recorded, news: heard(recorded, run) }));
  for (const kind of ['found', 'changed', 'resolved'] as const) {
    const some = items.filter(({ news }) => news.drift === kind);
    if (some.length > 0) await tell(tx, { kind: `drift.${kind}`, ...ofTargets(run, some) });
  }
  for (const kind of ['failed', 'recovered'] as const) {
    const some = items.filter(({ news }) => news.check === kind);
    const isNews = some.length > 0 || refNews?.check === kind;
    if (isNews) await tell(tx, { kind: `check.${kind}`, ...ofChecks(run, some), reason: refNews?.reason || null });
  }
  await noteTold(tx, items.flatMap(toldBy));
}

/** What is to be told now. Drift of a target that is gone is over. */
function heard({ record, look }: Recorded, { breaker, now }: NewsOfRun): News {
  const { rawFingerprint, fingerprint, error } = record.state;
  const isGone = look === undefined;
  const facts = isGone
    ? { rawFingerprint: null, fingerprint: null, error: null }
    : { rawFingerprint, fingerprint, error };
  const { drift, check } = newsOf({ ...record, ...facts }, now);
  const isKept = breaker === 'open' && (drift === 'found' || drift === 'changed');
  // One that could not be looked at says nothing of drift.
  return { drift: isKept || look?.kind === 'failed' ? 'nothing' : drift, check: isGone ? 'nothing' : check };
}

function toldBy({ recorded: { record, look }, news }: Item) {
  if (news.drift === 'nothing' && news.check === 'nothing') return [];
  const { rawFingerprint, fingerprint } =
    look === undefined ? { rawFingerprint: null, fingerprint: null } : record.state;
  const told = news.drift === 'nothing' ? record : { toldRawFingerprint: rawFingerprint, toldFingerprint: fingerprint };
  const failureTold = news.check === 'nothing' ? record.failureTold : news.check === 'failed';
  const { toldRawFingerprint, toldFingerprint } = told;
  return [{ id: record.id, toldRawFingerprint, toldFingerprint, failureTold }];
}

function common({ ref, run, detectionId, now }: NewsOfRun) {
  const { hostname, repository } = ref;
  const about = { repository: { hostname, repository }, ref: ref.ref };
  return { eventId: randomUUID(), at: now.toISOString(), ...about, runId: run.id, detectionId };
}

function ofTargets(run: NewsOfRun, items: readonly Item[]) {
  const targets = items.slice(0, maxToldTargets).map(({ recorded }) => toldTarget(recorded));
  return { ...common(run), commit: run.run.commit, targets, totalTargets: items.length };
}

function ofChecks(
  run: NewsOfRun,
  items: readonly Item[],
): Omit<Extract<DriftMessage, { kind: 'check.failed' }>, 'kind' | 'reason'> {
  const targets = items.slice(0, maxToldTargets).map(({ recorded: { record } }) => {
    return { target: record.target, problem: record.state.error ?? '' };
  });
  return { ...common(run), targets, totalTargets: items.length };
}

function toldTarget({ record, look, addresses }: Recorded): ToldTarget {
  const {
    toAdd = 0,
    toChange = 0,
    toDestroy = 0,
    toImport = 0,
    changesOutside = false,
  } = look === undefined ? {} : (record.state.counts ?? {});
  return {
    target: record.target,
    toAdd,
    toChange,
    toDestroy,
    toImport,
    changesOutside,
    addresses: addresses.slice(0, maxToldAddresses).map((address) => cut(address, maxAddressLength)),
    owner: record.owner,
  };
}
