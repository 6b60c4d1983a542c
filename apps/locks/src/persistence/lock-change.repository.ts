// The journal of changed locks: what was noted after a mark, and how much of it is kept.
import { Injectable } from '@nestjs/common';
import { maxChangedKeys } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';
import { LocksDatabase } from './locks-database.js';

// Also the time: in a database that was put back to an earlier state, other changes get the same turns.
const markOf = `turn || '.' || (extract(epoch from made_at) * 1000000)::bigint`;
const markPattern = /^(\d{1,18})\.\d{1,18}$/;
// More than anybody is told of at once, so that who asks often enough is never too late.
const keysKept = 10 * maxChangedKeys;

export interface NotedChanges {
  /** Of the moment of this reading. */
  readonly mark: string;
  /** Undefined when the mark that was asked for is unknown or more keys changed since than can be told. */
  readonly since: { readonly keyIds: readonly string[]; readonly leftFences: readonly number[] } | undefined;
}

@Injectable()
export class LockChangeRepository {
  constructor(private readonly database: LocksDatabase) {}

  async readSince(tx: EntityManager, mark: string | null): Promise<NotedChanges> {
    const turn = markPattern.exec(mark ?? '')?.[1];
    const [row] = await tx.query<
      [{ mark: string; is_known: boolean; keys: number; key_ids: string[]; fences: string[] }]
    >(
      `with known as (select from lock_changes where turn = $1::bigint and ${markOf} = $2),
       since as (select key_ids, left_fences from lock_changes where turn > $1::bigint and exists (select from known)),
       total as (select coalesce(sum(cardinality(key_ids)), 0)::int as keys from since)
       select (select ${markOf} from lock_changes order by turn desc limit 1) as mark,
         exists (select from known) as is_known, keys,
         case when keys <= $3 then array(select distinct unnest(key_ids) from since) else '{}' end as key_ids,
         case when keys <= $3 then array(select unnest(left_fences) from since) else '{}' end as fences
       from total`,
      [turn ?? null, mark, maxChangedKeys],
    );
    const isTold = row.is_known && row.keys <= maxChangedKeys;
    const since = isTold ? { keyIds: row.key_ids, leftFences: row.fences.map(Number) } : undefined;
    return { mark: row.mark, since };
  }

  /** Forgets all but the latest changes. */
  async prune(): Promise<void> {
    await this.database.dataSource.query(
      `delete from lock_changes where turn < (select max(turn) from lock_changes) and turn <= (
         select max(turn) from (
           select turn, sum(cardinality(key_ids)) over (order by turn desc) as keys from lock_changes
         ) as counted where keys > $1
       )`,
      [keysKept],
    );
  }
}
