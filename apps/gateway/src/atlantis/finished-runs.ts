// Holds a caller until its run is finished. Whether anyone waits makes no difference to the run.
import { Injectable } from '@nestjs/common';
import { AppError, maxWaitMs, type Run, type RunId, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { GatewayOptions } from '../gateway.options.js';
import { Draining } from '../http/draining.js';
import { callPatiently, isOutage } from '../mesh-patience.js';
import { RunTexts } from './run-texts.js';

@Injectable()
export class FinishedRuns {
  constructor(
    private readonly mesh: Mesh,
    private readonly draining: Draining,
    private readonly options: GatewayOptions,
  ) {}

  /** The finished run and its texts. UNAVAILABLE, with the run's id, when this gateway stops or the mesh stays away too long. */
  async wait(runId: RunId, signal: AbortSignal): Promise<{ run: Run; texts: RunTexts }> {
    const patience = { patienceMs: this.options.meshPatienceMs, signal };
    try {
      for (;;) {
        const { status } = await callPatiently(this.mesh, runs.wait, { runId, waitMs: maxWaitMs }, patience);
        if (status !== 'finished') continue;
        const texts = this.texts(runId).readAhead();
        return { run: await callPatiently(this.mesh, runs.get, { runId }, patience), texts };
      }
    } catch (cause) {
      if (!isOutage(cause)) throw cause;
      const reason = this.draining.isOutOfTime ? 'this server is shutting down' : 'its state cannot be read';
      throw new AppError('UNAVAILABLE', `${reason}; run ${runId} goes on, ask for it at /api/runs/${runId}`, { cause });
    }
  }

  /** The texts of a finished run; an answer that has begun is not cut short by a stop. */
  private texts(runId: RunId): RunTexts {
    const patience = { patienceMs: this.options.meshPatienceMs };
    return new RunTexts((cursor) => callPatiently(this.mesh, runs.results, { runId, cursor }, patience));
  }
}
