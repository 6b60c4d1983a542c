// Starts a run so that a lost answer does not start it twice: without a key of the caller's, a fresh one guards repeats.
import { randomUUID } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { type OperationInput, type OperationOutput, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { Draining } from '../http/draining.js';
import { isOutage, pause } from '../mesh-patience.js';

const pausesMs = [200, 1_000];

@Injectable()
export class RunStarter {
  constructor(
    private readonly mesh: Mesh,
    private readonly draining: Draining,
  ) {}

  /** Rejects with AppError: UNAVAILABLE also while this gateway drains. */
  async start(request: OperationInput<typeof runs.start>): Promise<OperationOutput<typeof runs.start>> {
    this.draining.assertAccepting();
    const guarded = { ...request, idempotencyKey: request.idempotencyKey ?? randomUUID() };
    for (const pauseMs of pausesMs) {
      try {
        return await this.mesh.call(runs.start, guarded);
      } catch (error) {
        if (!isOutage(error)) throw error;
      }
      await pause(pauseMs, undefined);
    }
    return this.mesh.call(runs.start, guarded);
  }
}
