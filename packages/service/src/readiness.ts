import { Injectable } from '@nestjs/common';
import { isAppError } from '@terramesh/contracts';
import type { Logger } from './logger.js';
import { within } from './within.js';

export type ReadinessReport = { readonly status: 'ok' } | { readonly status: 'error'; readonly error: string };

const checkTimeoutMs = 2_000;

/** Whether this process should get work: asked of every part that registered a check. */
@Injectable()
export class Readiness {
  private readonly checks = new Map<string, () => Promise<void>>();
  private state: 'running' | 'stopping' = 'running';
  private current: Promise<ReadinessReport> | undefined;

  constructor(private readonly logger: Logger) {}

  /** `check` rejects while the part is not ready; it has 2 s. The same name again replaces the check. */
  add(name: string, check: () => Promise<void>): void {
    this.checks.set(name, check);
  }

  /** From now on the report says that the process is shutting down. */
  stopping(): void {
    this.state = 'stopping';
  }

  /** Callers at the same time share one round of checks. */
  report(): Promise<ReadinessReport> {
    this.current ??= this.runChecks().finally(() => {
      this.current = undefined;
    });
    return this.current;
  }

  private async runChecks(): Promise<ReadinessReport> {
    if (this.state === 'stopping') return { status: 'error', error: 'shutting down' };
    const problems = await Promise.all([...this.checks].map(([name, check]) => this.problemOf(name, check)));
    const error = problems.filter((problem) => problem !== undefined).join('; ');
    return error === '' ? { status: 'ok' } : { status: 'error', error };
  }

  /** Only an AppError's message is written for others to see. */
  private async problemOf(name: string, check: () => Promise<void>): Promise<string | undefined> {
    try {
      const end = await within(checkTimeoutMs, check());
      return end === 'done' ? undefined : `${name} does not answer`;
    } catch (error) {
      if (isAppError(error)) return `${name}: ${error.message}`;
      this.logger.warn({ err: error, check: name }, 'a readiness check failed');
      return `${name} is not ready`;
    }
  }
}
