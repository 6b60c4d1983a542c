import { Injectable } from '@nestjs/common';
import type { HandlerResult, locks, ParsedInput } from '@terramesh/contracts';
import { isEmpty, runsToWake } from './domain/changes.js';
import { assertStorable, assertText } from './domain/claim.js';
import { type AcquireDecision, decideAcquire } from './domain/decide-acquire.js';
import { provisionalNumbers } from './domain/numbers.js';
import { Doorbell } from './doorbell.js';
import { ClaimRepository } from './persistence/claim.repository.js';
import { LocksDatabase } from './persistence/locks-database.js';

type Request = ParsedInput<typeof locks.acquire>;

const nobody: ReadonlySet<string> = new Set();

@Injectable()
export class AcquireLocks {
  constructor(
    private readonly database: LocksDatabase,
    private readonly claims: ClaimRepository,
    private readonly doorbell: Doorbell,
  ) {}

  async acquire(request: Request): Promise<HandlerResult<typeof locks.acquire>> {
    assertText(request.holder.kind === 'run' ? request.holder.runId : '', request.user, request.url, request.reason);
    for (const key of request.keys) assertStorable(key);
    const { decisions, changes } = (await this.decideWithoutChange(request)) ?? (await this.decide(request));
    await this.doorbell.ring(runsToWake(changes));
    return { decisions };
  }

  /** Most calls only ask again. What they learn needs no turn, so they hold up nobody. */
  private async decideWithoutChange(request: Request): Promise<AcquireDecision | undefined> {
    const lines = await this.claims.readLines(request.keys);
    const numbers = provisionalNumbers();
    const seen = decideAcquire(request, lines, { numbers, dependents: nobody });
    return isEmpty(seen.changes) ? seen : undefined;
  }

  private decide(request: Request): Promise<AcquireDecision> {
    return this.database.transaction(async (tx) => {
      const numbers = await this.claims.takeTurn(tx, request.keys.length);
      const { lines, people } = await this.claims.loadLinesAndPeople(tx, request.keys);
      const dependents =
        lines.size === 0 || request.holder.kind === 'pull'
          ? nobody
          : await this.claims.dependentsOf(tx, request.holder.runId);
      const decision = decideAcquire(request, lines, { numbers, dependents, people });
      await this.claims.write(tx, decision.changes);
      return decision;
    });
  }
}
