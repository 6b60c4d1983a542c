// Accepts a detection: when the answer is out, the detection is on disk, and sooner or later it has a run.
import { createHash, randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import {
  AppError,
  type DetectionRequest,
  type driftDetections,
  type FollowUp,
  type HandlerResult,
  RunId,
  repositories,
} from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { DriftContext } from '../context.js';
import {
  type DetectionRow,
  expireDetectionKey,
  findDetectionByKey,
  insertDetection,
  type NewDetection,
} from '../persistence/detections.js';
import type { Transaction } from '../persistence/transaction.js';
import { FollowDetection } from './follow-detection.js';

@Injectable()
export class StartDetection {
  constructor(
    private readonly context: DriftContext,
    private readonly mesh: Mesh,
    private readonly followDetection: FollowDetection,
  ) {}

  /** INVALID, FORBIDDEN (allowlist), CONFLICT (idempotency key). `runId` is null while `runs` is away. */
  async start(
    request: DetectionRequest & { scheduleId: string | null; followUp: FollowUp },
  ): Promise<HandlerResult<typeof driftDetections.start>> {
    const { type, repository } = request;
    const { hostname } = await this.mesh.call(repositories.admit, { type, repository });
    const wanted = { ...request, id: randomUUID(), hostname, requestHash: hashOf(request) };
    const { row, replayed } = await this.insert(wanted);
    const runId = row.run_id ?? (await this.startRun(row));
    return { detectionId: row.id, runId: runId === null ? null : RunId.parse(runId), replayed };
  }

  private async insert(wanted: NewDetection): Promise<{ row: DetectionRow; replayed: boolean }> {
    const row = await insertDetection(this.context.manager, wanted);
    if (row !== undefined) return { row, replayed: false };
    return await this.context.transaction((tx) => insertAfterAll(tx, wanted));
  }

  /** What cannot be started now is started later: nobody has to know. */
  private async startRun(row: DetectionRow): Promise<string | null> {
    try {
      return await this.followDetection.startRun(row);
    } catch (err) {
      this.context.logger.warn({ err, detectionId: row.id }, 'the run of a detection is started later');
      return null;
    }
  }
}

/** The detection that has this key; or this one after all, when that was more than 24 h ago. */
async function insertAfterAll(
  tx: Transaction,
  wanted: NewDetection,
): Promise<{ row: DetectionRow; replayed: boolean }> {
  const { idempotencyKey: key } = wanted;
  if (key !== null) await expireDetectionKey(tx, key);
  const row = await insertDetection(tx, wanted);
  if (row !== undefined) return { row, replayed: false };
  const first = key === null ? undefined : await findDetectionByKey(tx, key);
  if (first === undefined) throw new AppError('UNAVAILABLE', 'the detection could not be stored: try again');
  if (first.request_hash !== wanted.requestHash) {
    throw new AppError('CONFLICT', `this Idempotency-Key was used for another request (detection ${first.id})`);
  }
  return { row: first, replayed: true };
}

/** Of what was asked for, not of who asked or under which key. */
function hashOf(request: DetectionRequest & { followUp: FollowUp }): string {
  const { type, repository, ref, projects, paths, followUp } = request;
  const selected = paths.map(({ directory, workspace }) => [directory, workspace]);
  return createHash('sha256')
    .update(JSON.stringify([type, repository, ref, projects, selected, followUp]))
    .digest('hex');
}
