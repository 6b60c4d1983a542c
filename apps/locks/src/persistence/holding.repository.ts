// Held claims and people's locks for callers: pages in the order of their names, and single locks.
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { Holding } from '../domain/describe-lock.js';
import { claimColumns, type HoldingRow, holdingOf } from './claim-row.js';
import { LocksDatabase } from './locks-database.js';

const maxWaitingListed = 20;
const sinceMs = '(extract(epoch from held_since) * 1000)::float8 as held_since_ms';

/** What is held: claims, and people's locks. */
const held = (ofClaims: string, ofPeople = ofClaims) => `
  select ${claimColumns}, name, ${sinceMs}, null::text as workspace_id, null::text as workspace
  from claims where fence is not null and ${ofClaims}
  union all
  select fence, place_id, hostname, repository, directory, terraform_workspace, '', null, null, fence, 'none',
    user_name, '', reason, name, ${sinceMs}, workspace_id, workspace
  from person_lock where place_id is not null and ${ofPeople}`;

/** Adds who waits to the claims of `page`; in one statement, so that both are of the same moment. */
const withWaiting = (page: string) => `
  with page as materialized (${page}),
  numbered as (
    select key_id, ticket, run_id, pull, row_number() over (partition by key_id order by ticket) as place
    from claims where fence is null and key_id = any(array(select key_id from page))
  ),
  waiting as (
    select key_id, jsonb_agg(jsonb_build_object('run_id', run_id, 'pull', pull) order by ticket) as holders
    from numbered where place <= ${maxWaitingListed} group by key_id
  )
  select page.*, coalesce(waiting.holders, '[]') as waiting
  from page left join waiting using (key_id) order by page.name, page.key_id, page.ticket`;

@Injectable()
export class HoldingRepository {
  constructor(private readonly database: LocksDatabase) {}

  /**
   * About `limit` holdings after a name: all of the last name come along. `next` is the last name when there may be more.
   */
  async page(after: string | null, limit: number): Promise<{ holdings: Holding[]; next: string | null }> {
    const rows = await this.database.dataSource.query<HoldingRow[]>(
      withWaiting(`${held('name > $1')} order by name fetch first $2 rows with ties`),
      [after ?? '', limit],
    );
    const last = rows.at(-1);
    return { holdings: rows.map(holdingOf), next: last === undefined || rows.length < limit ? null : last.name };
  }

  /** Everything held of these keys (`keyId`) and places (`placeId`). */
  async ofKeys(tx: EntityManager, ids: readonly string[]): Promise<Holding[]> {
    const rows = await tx.query<HoldingRow[]>(
      withWaiting(held('key_id = any($1::text[])', 'place_id = any($1::text[])')),
      [ids],
    );
    return rows.map(holdingOf);
  }

  /** Everything held under this name, on any host, or under `<hostname>/<name>`. */
  async named(name: string, tx: EntityManager = this.database.dataSource.manager): Promise<Holding[]> {
    // Postgres takes no NUL, so nothing has such a name.
    if (name.includes('\0')) return [];
    const slash = name.indexOf('/');
    const rows = await tx.query<HoldingRow[]>(withWaiting(held('(name = $1 or (hostname = $2 and name = $3))')), [
      name,
      name.slice(0, Math.max(slash, 0)).toLowerCase(),
      name.slice(slash + 1),
    ]);
    return rows.map(holdingOf);
  }
}
