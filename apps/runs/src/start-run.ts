// Accepts a run: admit the repository, insert the run, answer. When the answer is out, the run is on disk.
import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError, RunId, repositories, type StartRun as StartRunInput } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { RunsContext } from './context.js';
import { idRandomBytes, newRunId } from './domain/ids.js';
import { Doorbell } from './doorbell.js';
import { Worker } from './execution/worker.js';
import { expireIdempotencyKey, findRunByIdempotencyKey, insertRun, type NewRun } from './persistence/run.repository.js';
import type { Transaction } from './persistence/transaction.js';

@Injectable()
export class StartRun {
  constructor(
    private readonly context: RunsContext,
    private readonly mesh: Mesh,
    private readonly doorbell: Doorbell,
    private readonly worker: Worker,
  ) {}

  /** INVALID, FORBIDDEN (allowlist), CONFLICT (idempotency key used for another request). */
  async start(request: StartRunInput): Promise<{ runId: RunId; replayed: boolean }> {
    const admitted = await this.mesh.call(repositories.admit, { type: request.type, repository: request.repository });
    const run: NewRun = {
      id: newRunId(randomBytes(idRandomBytes)),
      kind: request.kind,
      type: request.type,
      hostname: admitted.hostname,
      repository: admitted.repository,
      cloneUrl: admitted.cloneUrl,
      ref: request.ref,
      pull: request.pull,
      projects: request.projects,
      paths: request.paths,
      everyTarget: request.everyTarget,
      origin: request.origin,
      expectedCommit: request.expectedCommit,
      limits: request.limits,
      misfits: request.misfits,
      userName: request.user,
      idempotencyKey: request.idempotencyKey,
      requestHash: hashOf(request),
    };
    if (await this.startHere(run)) return { runId: RunId.parse(run.id), replayed: false };
    const started = await this.context.transaction((tx) => findFirst(tx, run));
    if (!started.replayed) this.doorbell.queued('run');
    return started;
  }

  /** Inserts it as claimed by this replica's worker if that is free; false when its idempotency key is taken. */
  private async startHere(run: NewRun): Promise<boolean> {
    const place = this.worker.reserveRun(run.origin);
    try {
      const inserted = await insertRun(this.context.manager, run, place?.claim);
      if (inserted === undefined) return false;
      if (place === undefined) this.doorbell.queued('run');
      else place.start(inserted);
      return true;
    } finally {
      place?.free();
    }
  }
}

/** The run that has this key; or this one after all, when that was more than 24 h ago. */
async function findFirst(tx: Transaction, run: NewRun): Promise<{ runId: RunId; replayed: boolean }> {
  if (run.idempotencyKey !== null) await expireIdempotencyKey(tx, run.idempotencyKey);
  if ((await insertRun(tx, run)) !== undefined) return { runId: RunId.parse(run.id), replayed: false };
  const first = run.idempotencyKey === null ? undefined : await findRunByIdempotencyKey(tx, run.idempotencyKey);
  if (first === undefined) throw new AppError('UNAVAILABLE', 'the run could not be stored: try again');
  if (first.requestHash !== run.requestHash)
    throw new AppError('CONFLICT', `this Idempotency-Key was used for another request (run ${first.id})`);
  return { runId: RunId.parse(first.id), replayed: true };
}

/**
 * Of what was asked for, not of who asked or under which key. What is not used does not count, so that a key is still good
 * after an upgrade.
 */
function hashOf({ idempotencyKey: _key, user: _user, ...request }: StartRunInput): string {
  const { kind, type, repository, ref, pull, projects, paths } = request;
  const { origin, expectedCommit, everyTarget, limits, misfits } = request;
  const plain = origin === 'user' && expectedCommit === null && !everyTarget && limits === null && misfits === 'refuse';
  const counts = limits && [limits.toAdd, limits.toChange, limits.toDestroy];
  const special = [origin, expectedCommit, everyTarget, counts, misfits];
  return createHash('sha256')
    .update(
      JSON.stringify([
        kind,
        type,
        repository,
        ref,
        pull,
        projects,
        paths.map((path) => [path.directory, path.workspace]),
        ...(plain ? [] : special),
      ]),
    )
    .digest('hex');
}
