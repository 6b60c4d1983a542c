// One statement per request of the TFE API: who is behind a token, when it was last used, and the rate limit.
import { Injectable } from '@nestjs/common';
import { ProjectsDatabase } from './projects-database.js';

export interface Identified {
  /** Null without a valid token. */
  readonly tokenId: string | null;
  readonly accountId: string | null;
  readonly teamId: string | null;
  readonly organizationId: string | null;
  /** What is left of the limit, in requests; null when there is no limit. */
  readonly requests: number | null;
  readonly allowed: boolean | null;
}

@Injectable()
export class IdentifyRepository {
  constructor(private readonly database: ProjectsDatabase) {}

  /**
   * A bucket holds at most `limit` requests and gets `limit` more each second, by the database's clock. `excluded.at` is
   * read before the wait for the bucket's row, so it may be earlier than the last change of it.
   */
  async identify(tokenHash: string | null, addressOwner: string, limit: number): Promise<Identified> {
    const [row] = await this.database.dataSource.query<[Identified]>(
      `with found as (
         select token.id, token.account_id, token.last_used_at, account.team_id, account.organization_id
         from token join account on account.id = token.account_id
         where token.hash = $1 and (token.expired_at is null or token.expired_at > now())
       ), spent as (
         insert into rate_bucket as bucket (owner, requests, allowed, at)
         select coalesce((select account_id from found), $2), $3::float8 - 1, true, clock_timestamp() where $3::float8 > 0
         on conflict (owner) do update set
           requests = ${refilled} - case when ${refilled} >= 1 then 1 else 0 end,
           allowed = ${refilled} >= 1,
           at = greatest(bucket.at, excluded.at)
         returning requests, allowed
       ), used as (
         update token set last_used_at = now() from found
         where token.id = found.id and coalesce(found.last_used_at < now() - interval '1 minute', true)
       )
       select found.id as "tokenId", found.account_id as "accountId", found.team_id as "teamId",
         found.organization_id as "organizationId", spent.requests, spent.allowed
       from (select 1) as one left join found on true left join spent on true`,
      [tokenHash, addressOwner, limit],
    );
    return row;
  }

  /** Buckets that are full again say nothing. */
  async dropFullBuckets(): Promise<void> {
    await this.database.dataSource.query(`delete from rate_bucket where at < now() - interval '1 minute'`);
  }
}

const refilled = `least($3::float8, bucket.requests + greatest(0, extract(epoch from excluded.at - bucket.at)) * $3::float8)`;
