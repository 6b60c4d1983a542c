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

/** Of these keys and places: an expression of text[]. */
const heldOf = (ids: string) => held(`key_id = any(${ids})`, `place_id = any(${ids})`);

/** Of a pull request and its run that hold the same key the pull request is shown: its name may be another spelling. */
const isShown = `(run_id is null or not exists (
  select from claims as of_pull where of_pull.key_id = claims.key_id and of_pull.fence is not null and of_pull.run_id is null
))`;

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
   * Everything held of the first `limit` keys after a name, in the order of the names under which they are shown. Keys
   * with the same name as the last one come along.
   */
  async page(after: string, limit: number): Promise<Holding[]> {
    const shown = held(`name > $1 and ${isShown}`, 'name > $1');
    const rows = await this.database.dataSource.query<HoldingRow[]>(
      withWaiting(`
        with shown as materialized (${shown} order by name fetch first $2 rows with ties)
        table shown union all
        ${held('run_id is not null and key_id = any(array(select key_id from shown where run_id is null))', 'false')}`),
      [after, limit],
    );
    return rows.map(holdingOf);
  }

  /** Everything held of these keys (`keyId`) and places (`placeId`). */
  async ofKeys(tx: EntityManager, ids: readonly string[]): Promise<Holding[]> {
    const rows = await tx.query<HoldingRow[]>(withWaiting(heldOf('$1::text[]')), [ids]);
    return rows.map(holdingOf);
  }

  /** Everything held of the keys of which something has this name, on any host, or `<hostname>/<name>`. */
  async named(name: string, tx: EntityManager = this.database.dataSource.manager): Promise<Holding[]> {
    // Postgres takes no NUL, so nothing has such a name.
    if (name.includes('\0')) return [];
    const slash = name.indexOf('/');
    const found = held('(name = $1 or (hostname = $2 and name = $3))');
    const rows = await tx.query<HoldingRow[]>(
      withWaiting(`with found as materialized (${found}) ${heldOf('array(select key_id from found)')}`),
      [name, name.slice(0, Math.max(slash, 0)).toLowerCase(), name.slice(slash + 1)],
    );
    return rows.map(holdingOf);
  }
}
