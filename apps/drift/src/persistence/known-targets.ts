// What the records of drift know, as far as remediation and the breaker need it.
import type { KnownTarget } from '../remediations/select-targets.js';
import type { Transaction } from './transaction.js';

/** Of one ref, without targets that are gone; in the order of directory, workspace and name. */
export function listKnownTargets(
  manager: Transaction,
  of: { hostname: string; repository: string; ref: string },
): Promise<KnownTarget[]> {
  return manager.query<KnownTarget[]>(
    `select directory, terraform_workspace as "terraformWorkspace", name, counts as drift, commit,
       last_checked_at as "checkedAt"
     from records
     where lower(repository) = lower($2) and hostname = $1 and ref = $3 and gone_at is null
     order by directory, terraform_workspace, name`,
    [of.hostname, of.repository, of.ref],
  );
}

export interface RecentChecks {
  readonly checked: number;
  readonly drifted: number;
  readonly newlyDrifted: number;
}

/**
 * Every target of a watched ref that was checked since then; newly drifted are those whose drift was first seen since
 * `newSince` and that nobody has silenced.
 */
export async function countRecentChecks(
  tx: Transaction,
  { sinceMs, newSince }: { sinceMs: number; newSince: Date | null },
): Promise<RecentChecks> {
  const [row] = await tx.query<RecentChecks[]>(
    `with recent as (
       select hostname, lower(repository) as repository, ref, count(*) as checked,
         count(*) filter (where has_drift) as drifted,
         count(*) filter (where fingerprint is not null and (snoozed_until is null or snoozed_until <= now())
           and first_seen_at >= now() - $1 * interval '1 millisecond'
           and ($2::timestamptz is null or first_seen_at > $2)) as newly_drifted
       from records
       where last_checked_at >= now() - $1 * interval '1 millisecond'
         and greatest(last_checked_at, last_failed_at) >= now() - $1 * interval '1 millisecond' and gone_at is null
       group by 1, 2, 3
     )
     select coalesce(sum(checked), 0)::int as checked, coalesce(sum(drifted), 0)::int as drifted,
       coalesce(sum(newly_drifted), 0)::int as "newlyDrifted"
     from recent
     where exists (select from detections
       where lower(detections.repository) = recent.repository and detections.hostname = recent.hostname
         and regexp_replace(detections.ref, '^refs/heads/', '') = recent.ref)`,
    [sinceMs, newSince],
  );
  return row ?? { checked: 0, drifted: 0, newlyDrifted: 0 };
}
