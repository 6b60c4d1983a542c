// Accepts a remediation that a person asks for: when it answers, the remediation is on disk.
import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { AppError, type HandlerResult, type ParsedInput, type remediations, repositories } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { DriftContext } from '../context.js';
import { listKnownTargets } from '../persistence/known-targets.js';
import { expireKey, findByKey, getRemediation } from '../persistence/remediations.js';
import type { Transaction } from '../persistence/transaction.js';
import { shortRef } from '../records/short-ref.js';
import { addRemediation } from './add-remediation.js';
import { BeginRun } from './begin-run.js';
import { obstacleToApply } from './guard-apply.js';
import { selectTargets } from './select-targets.js';

type Request = ParsedInput<typeof remediations.start>;

@Injectable()
export class StartRemediation {
  constructor(
    private readonly context: DriftContext,
    private readonly mesh: Mesh,
    private readonly beginRun: BeginRun,
  ) {}

  /** INVALID, FORBIDDEN (allowlist), CONFLICT (idempotency key; breaker or window for an apply). */
  async start(request: Request): Promise<HandlerResult<typeof remediations.start>> {
    const { type, repository } = request;
    const admitted = await this.mesh.call(repositories.admit, { type, repository });
    const { id, replayed } = await this.context.transaction((tx) => this.add(tx, request, admitted));
    if (!replayed) await this.beginRun.begin(id);
    return { remediation: await getRemediation(this.context.manager, id), replayed };
  }

  private async add(
    tx: Transaction,
    request: Request,
    { hostname, repository }: { hostname: string; repository: string },
  ): Promise<{ id: string; replayed: boolean }> {
    const { idempotencyKey } = request;
    const requestHash = hashOf(request);
    const first = await findFirst(tx, idempotencyKey, requestHash);
    if (first !== undefined) return { id: first, replayed: true };
    if (request.action === 'apply') {
      const obstacle = await obstacleToApply(tx, 'user', this.context);
      if (obstacle !== undefined) throw new AppError('CONFLICT', obstacle);
    }
    const known = await listKnownTargets(tx, { hostname, repository, ref: shortRef(request.ref) });
    const id = randomUUID();
    const { type, ref, action, destroys, user } = request;
    const wanted = { id, origin: 'user' as const, detectionId: null, type, hostname, repository, ref, action };
    const remediation = { ...wanted, idempotencyKey, requestHash, destroys, user };
    if (await addRemediation(tx, remediation, selectTargets(request, known), this.context)) {
      return { id, replayed: false };
    }
    // Somebody else has used the key since it was looked for.
    const other = await findFirst(tx, idempotencyKey, requestHash);
    if (other === undefined) throw new AppError('UNAVAILABLE', 'the remediation could not be stored: try again');
    return { id: other, replayed: true };
  }
}

async function findFirst(tx: Transaction, key: string | null, requestHash: string): Promise<string | undefined> {
  if (key === null) return undefined;
  await expireKey(tx, key);
  const first = await findByKey(tx, key);
  if (first !== undefined && first.requestHash !== requestHash) {
    throw new AppError('CONFLICT', `this Idempotency-Key was used for another request (remediation ${first.id})`);
  }
  return first?.id;
}

/** Of what was asked for, not of who asked or under which key. */
function hashOf({ type, repository, ref, action, projects, workspaces, selection, destroys }: Request): string {
  const parts = [type, repository, ref, action, projects, workspaces, selection, destroys];
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}
