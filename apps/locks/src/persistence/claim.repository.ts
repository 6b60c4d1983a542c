// Reads and writes claims in sets: one call decides up to a thousand keys.
import { Injectable } from '@nestjs/common';
import type { LockGuard, LockHolder, LockKey, LockOwner } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';
import type { Changes } from '../domain/changes.js';
import { type Claim, keyId } from '../domain/claim.js';
import { inOrder, type Lines } from '../domain/line.js';
import { type Numbers, numbersFrom } from '../domain/numbers.js';
import { placeId } from '../domain/place.js';
import { type ClaimRow, claimColumns, claimOf, ownerOf, type PersonRow, rowOf } from './claim-row.js';
import { LocksDatabase } from './locks-database.js';

// A replica that stops in the middle of its turn holds up all others; Postgres ends its transaction after this.
const turnTimeoutMs = 10_000;
// A settled line grants one pull request and one run; a new claim takes one more.
const numbersPerKey = 3;

@Injectable()
export class ClaimRepository {
  constructor(private readonly database: LocksDatabase) {}

  /**
   * The one point that puts all changes of claims in order: the counter's row stays locked until `tx` ends. Numbers of a
   * later turn are higher.
   */
  async takeTurn(tx: EntityManager, keyCount: number): Promise<Numbers> {
    const count = keyCount * numbersPerKey;
    const [[row]] = await tx.query<[[{ first: string }]]>(
      `update ticket_counter set next = next + $1
       returning next - $1 as first, set_config('idle_in_transaction_session_timeout', $2, true)`,
      [count, String(turnTimeoutMs)],
    );
    return numbersFrom(Number(row.first), count);
  }

  /** Lines as they are now, locked until `tx` ends. Take a turn first. */
  async loadLines(tx: EntityManager, keys: readonly LockKey[]): Promise<Lines> {
    const rows = await tx.query<ClaimRow[]>(
      `select ${claimColumns} from claims where key_id = any($1::text[]) order by ticket for update`,
      [keys.map(keyId)],
    );
    return linesOf(rows);
  }

  /**
   * As `loadLines`, and who has locked the place of a key, by the key's position; in one statement, for it holds up all
   * others. Take a turn first.
   */
  async loadLinesAndPeople(
    tx: EntityManager,
    keys: readonly LockKey[],
  ): Promise<{ lines: Lines; people: ReadonlyMap<number, LockOwner> }> {
    const places = keys.map(placeId);
    const rows = await tx.query<(ClaimRow & PersonRow)[]>(
      `with line as (
         select ${claimColumns} from claims where key_id = any($1::text[]) order by ticket for update
       )
       select ${claimColumns}, null as workspace_id, null as workspace from line
       union all
       select fence, place_id, hostname, repository, directory, terraform_workspace, '', null, null, fence, 'none',
         user_name, '', reason, workspace_id, workspace
       from person_lock where place_id = any($2::text[])`,
      [keys.map(keyId), [...new Set(places)]],
    );
    const owners = new Map(rows.filter(isPerson).map((row) => [row.key_id, ownerOf(row)]));
    const people = places.flatMap((id, index): [number, LockOwner][] => {
      const owner = owners.get(id);
      return owner === undefined ? [] : [[index, owner]];
    });
    return { lines: linesOf(rows.filter((row) => !isPerson(row))), people: new Map(people) };
  }

  /** Lines at one moment, which may have passed. */
  async readLines(keys: readonly LockKey[]): Promise<Lines> {
    const rows = await this.database.dataSource.query<ClaimRow[]>(
      `select ${claimColumns} from claims where key_id = any($1::text[])`,
      [keys.map(keyId)],
    );
    return linesOf(rows);
  }

  async write(tx: EntityManager, { left, granted, joined }: Changes): Promise<void> {
    if (left.length > 0) {
      await tx.query('delete from claims where ticket = any($1::bigint[])', [left.map(({ ticket }) => ticket)]);
    }
    if (granted.length > 0) {
      await tx.query(
        `update claims set fence = grants.fence, held_since = statement_timestamp()
         from unnest($1::bigint[], $2::bigint[]) as grants (ticket, fence) where claims.ticket = grants.ticket`,
        [granted.map(({ ticket }) => ticket), granted.map(({ fence }) => fence)],
      );
    }
    if (joined.length > 0) {
      await tx.query(
        `insert into claims (${claimColumns}, name, joined_at, held_since)
         select ${claimColumns}, name, statement_timestamp(), case when fence is not null then statement_timestamp() end
         from jsonb_populate_recordset(null::claims, $1::jsonb)`,
        [JSON.stringify(joined.map(rowOf))],
      );
    }
  }

  /** The runs that wait for this one, directly or through others. */
  async dependentsOf(tx: EntityManager, runId: string): Promise<Set<string>> {
    const rows = await tx.query<{ run_id: string }[]>(
      `with recursive dependents (run_id) as (
         select $1::text collate "C"
         union
         select behind.run_id from dependents
         join claims as ahead on ahead.run_id = dependents.run_id
         join claims as behind on behind.key_id = ahead.key_id and behind.fence is null and behind.run_id is not null
           and (ahead.fence is not null or behind.ticket > ahead.ticket) and behind.run_id <> ahead.run_id
       )
       select run_id from dependents where run_id <> $1`,
      [runId],
    );
    return new Set(rows.map((row) => row.run_id));
  }

  /** False when the holder does not hold the key with this fence. */
  async setGuard(held: { holder: LockHolder; key: LockKey; fence: number }, guard: LockGuard): Promise<boolean> {
    const { holder, key, fence } = held;
    const [, count] = await this.database.dataSource.query<[unknown[], number]>(
      `update claims set guard = $1 where key_id = $2 and fence = $3
       and run_id is not distinct from $4 and ($4::text is not null or pull = $5)`,
      [guard, keyId(key), fence, holder.kind === 'run' ? holder.runId : null, holder.pull],
    );
    return count > 0;
  }
}

function isPerson({ workspace_id: workspaceId }: PersonRow): boolean {
  return workspaceId !== null;
}

function linesOf(rows: readonly ClaimRow[]): Lines {
  const claims = new Map<string, Claim[]>();
  for (const row of rows) {
    const line = claims.get(row.key_id);
    if (line === undefined) claims.set(row.key_id, [claimOf(row)]);
    else line.push(claimOf(row));
  }
  return new Map([...claims].map(([id, line]) => [id, inOrder(line)]));
}
