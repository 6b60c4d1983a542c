// What the sweeper reads, and whose turn it is to sweep.
import { Injectable } from '@nestjs/common';
import type { Claim } from '../domain/claim.js';
import { type ClaimRow, claimColumns, claimOf } from './claim-row.js';
import { LocksDatabase } from './locks-database.js';

@Injectable()
export class SweepRepository {
  constructor(private readonly database: LocksDatabase) {}

  /** True for one replica in each interval. */
  async begin(intervalMs: number): Promise<boolean> {
    const [, count] = await this.database.dataSource.query<[unknown[], number]>(
      `update sweeps set begun_at = now() where begun_at <= now() - $1 * interval '1 millisecond'`,
      [intervalMs],
    );
    return count > 0;
  }

  /** Runs that have a claim older than the grace, in the order of their ids, after `after`. */
  async runsWithClaims(page: { after: string; limit: number; graceMs: number }): Promise<string[]> {
    const rows = await this.database.dataSource.query<{ run_id: string }[]>(
      `select run_id from claims where run_id > $1 group by run_id
       having min(joined_at) <= now() - $2 * interval '1 millisecond' order by run_id limit $3`,
      [page.after, page.graceMs, page.limit],
    );
    return rows.map((row) => row.run_id);
  }

  /** Claims of the run older than the grace. */
  async claimsOf(runId: string, graceMs: number): Promise<Claim[]> {
    const rows = await this.database.dataSource.query<ClaimRow[]>(
      `select ${claimColumns} from claims where run_id = $1 and joined_at <= now() - $2 * interval '1 millisecond'`,
      [runId, graceMs],
    );
    return rows.map(claimOf);
  }

  /** Of these claims, those that still hold and still have a live apply become unknown outcomes. */
  async markUnknown(claims: readonly Claim[]): Promise<number> {
    const [, count] = await this.database.dataSource.query<[unknown[], number]>(
      `update claims set guard = 'outcome_unknown' where ticket = any($1::bigint[]) and guard = 'applying'`,
      [claims.map(({ ticket }) => ticket)],
    );
    return count;
  }
}
