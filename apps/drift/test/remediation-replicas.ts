// Two replicas with the remediations of a test: what was seen before, what is asked, how the runs end.
import { randomUUID } from 'node:crypto';
import type { DriftMessage, Remediation, StartRemediation as StartRemediationInput } from '@terramesh/contracts';
import { DriftContext } from '../src/context.js';
import { findLive } from '../src/persistence/remediations.js';
import { RecordRun } from '../src/records/record-run.js';
import { FollowRun } from '../src/remediations/follow-run.js';
import { ReadRemediations } from '../src/remediations/read-remediations.js';
import { StartRemediation } from '../src/remediations/start-remediation.js';
import { type FinishedRun, type Replica, startDriftReplicas } from './drift-replicas.js';
import { changed, finishedRun, type Seen } from './finished-runs.js';

export const drifted = (directory: string): Seen => ({ directory, drift: [changed(`x.${directory}`)] });
export const inSync = (directory: string): Seen => ({ directory });

export type RemediationReplicas = Awaited<ReturnType<typeof startRemediationReplicas>>;

export async function startRemediationReplicas(settings: Readonly<Record<string, string>> = {}) {
  const drift = await startDriftReplicas(settings);
  const one = await drift.add();
  const two = await drift.add();

  /** Nothing was seen yet, on branches that are watched. */
  async function clear(): Promise<void> {
    drift.around.finished.clear();
    for (const list of [drift.around.starts, drift.around.cancels, drift.around.outages]) list.length = 0;
    await drift.sql('truncate records, recorded_runs, remediations, remediated_targets, messages cascade');
    await drift.sql('truncate detections cascade');
    for (const repository of ['acme/infra', 'acme/0', 'acme/10']) {
      await drift.sql(
        `insert into detections (type, hostname, repository, ref, projects, paths, user_name, follow_up, status,
           request_hash, completed_at)
         values ('Github', 'github.com', $1, 'main', '[]', '[]', '', 'nothing', 'success', 'x', now())`,
        [repository],
      );
    }
    await drift.sql(`update breaker set state = 'closed', closed_at = null, tripped_at = null`);
  }

  /** Records what a plan saw. */
  async function seen(...targets: Seen[]): Promise<void> {
    const finished = finishedRun({ at: 0, seen: targets });
    drift.around.finished.set(finished.run.id, finished);
    await one.get(RecordRun).record(finished.run.id);
  }

  function start(replica: Replica, more: Partial<StartRemediationInput> = {}): Promise<Remediation> {
    const request: StartRemediationInput = {
      type: 'Github',
      repository: 'acme/infra',
      ref: 'main',
      action: 'apply',
      projects: [],
      workspaces: [],
      selection: 'drifted',
      destroys: 'refuse',
      user: '',
      idempotencyKey: randomUUID(),
      ...more,
    };
    return replica
      .get(StartRemediation)
      .start(request)
      .then(({ remediation }) => remediation as Remediation);
  }

  /** The run of a remediation ends, and so may the remediation. */
  async function end(
    remediation: Remediation,
    run: Partial<FinishedRun> & { seen: Seen[] },
    by: readonly Replica[] = [one],
  ) {
    const finished = finishedRun({ at: 10, kind: remediation.action, id: remediation.runId ?? '', seen: run.seen });
    drift.around.finished.set(finished.run.id, { ...finished, ...run });
    await Promise.all(
      by.map(async (replica) => {
        const live = await findLive(replica.get(DriftContext).manager, remediation.id);
        if (live !== undefined) await replica.get(FollowRun).look(live);
      }),
    );
    return one.get(ReadRemediations).get(remediation.id);
  }

  async function targetsOf(id: string) {
    const pieces: Awaited<ReturnType<ReadRemediations['targets']>>['pieces'][number][] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<ReadRemediations['targets']>> = await one
        .get(ReadRemediations)
        .targets({ id, texts: 'with', cursor });
      pieces.push(...page.pieces);
      cursor = page.next;
    } while (cursor !== null);
    const textOf = (ordinal: number, part: string) =>
      pieces
        .map((piece) => (piece.kind === 'text' && piece.ordinal === ordinal && piece.part === part ? piece.text : ''))
        .join('');
    return pieces.flatMap((piece) =>
      piece.kind === 'target' ? { ...piece.target, error: textOf(piece.target.ordinal, 'error'), textOf } : [],
    );
  }

  const told = async (kind: DriftMessage['kind']) =>
    (await drift.sql<{ message: DriftMessage }>(`select message from messages where kind = $1`, [kind])).map(
      ({ message }) => message,
    );

  return { drift, one, two, clear, seen, start, end, targetsOf, told };
}
