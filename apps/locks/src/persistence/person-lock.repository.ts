// Locks of people. They and claims exclude each other: both are made in turns, so each sees the other.
import { Injectable } from '@nestjs/common';
import type { LockHolder, TargetPlace, WorkspaceStanding } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';
import { lockName } from '../domain/claim.js';
import { keyOfPlace, placeId } from '../domain/place.js';
import { LocksDatabase } from './locks-database.js';

export interface NewPersonLock {
  readonly workspaceId: string;
  readonly workspace: string;
  readonly place: TargetPlace | null;
  readonly ownerId: string;
  readonly user: string;
  readonly reason: string;
}

export interface PlacedWorkspace {
  readonly workspaceId: string;
  readonly place: TargetPlace | null;
}

interface StandingRow {
  position: number;
  owner_id: string | null;
  user_name: string | null;
  reason: string | null;
  held_since: Date | null;
  run_id: string | null;
  pull: string | null;
}

const nowhere: TargetPlace = { hostname: '', repository: '', directory: '', terraformWorkspace: '' };

@Injectable()
export class PersonLockRepository {
  constructor(private readonly database: LocksDatabase) {}

  /** One for each workspace, in their order. */
  async standings(
    workspaces: readonly PlacedWorkspace[],
    tx: EntityManager = this.database.dataSource.manager,
  ): Promise<WorkspaceStanding[]> {
    const places = workspaces.map(({ place }) => place ?? nowhere);
    const rows = await tx.query<StandingRow[]>(
      `select asked.position::int as position, person.owner_id, person.user_name, person.reason, person.held_since,
         claim.run_id, claim.pull
       from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) with ordinality
         as asked (workspace_id, hostname, repository, directory, terraform_workspace, position)
       left join person_lock person using (workspace_id)
       left join lateral (
         select run_id, pull from claims where lower(claims.repository) = lower(asked.repository)
           and claims.directory = asked.directory and claims.terraform_workspace = asked.terraform_workspace
           and lower(claims.hostname) = lower(asked.hostname)
         -- A pull request before the run that acts for it, holders before those in line.
         order by fence is null, run_id is not null, ticket limit 1
       ) as claim on true
       order by asked.position`,
      [
        workspaces.map(({ workspaceId }) => workspaceId),
        places.map(({ hostname }) => hostname),
        places.map(({ repository }) => repository),
        places.map(({ directory }) => directory),
        places.map(({ terraformWorkspace }) => terraformWorkspace),
      ],
    );
    return rows.map(standingOf);
  }

  /** False when the workspace or its place is locked by a person already. Take a turn first. */
  async insert(tx: EntityManager, lock: NewPersonLock & { fence: number }): Promise<boolean> {
    const { place } = lock;
    const { hostname, repository, directory, terraformWorkspace } = place ?? nowhere;
    const rows = await tx.query<unknown[]>(
      `insert into person_lock (workspace_id, workspace, place_id, hostname, repository, directory,
         terraform_workspace, name, owner_id, user_name, reason, fence)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) on conflict do nothing returning workspace_id`,
      [
        lock.workspaceId,
        lock.workspace,
        place === null ? null : placeId(place),
        hostname,
        repository,
        directory,
        terraformWorkspace,
        lockName(keyOfPlace(place ?? nowhere)),
        lock.ownerId,
        lock.user,
        lock.reason,
        lock.fence,
      ],
    );
    return rows.length > 0;
  }

  /** Take a turn first. */
  async delete(tx: EntityManager, workspaceIds: readonly string[]): Promise<void> {
    await tx.query('delete from person_lock where workspace_id = any($1::text[])', [workspaceIds]);
  }

  /** Ids of workspaces that people locked a while ago, after `after`, in order. */
  async workspacesAfter(page: { after: string; limit: number; graceMs: number }): Promise<string[]> {
    const rows = await this.database.dataSource.query<{ workspace_id: string }[]>(
      `select workspace_id from person_lock where workspace_id > $1
       and held_since <= now() - $3 * interval '1 millisecond' order by workspace_id limit $2`,
      [page.after, page.limit, page.graceMs],
    );
    return rows.map((row) => row.workspace_id);
  }
}

function standingOf(row: StandingRow): WorkspaceStanding {
  const { owner_id: ownerId, user_name: user, reason, held_since: since } = row;
  const person =
    ownerId === null || since === null
      ? null
      : { ownerId, user: user ?? '', reason: reason ?? '', since: since.toISOString() };
  return { person, holder: person === null ? holderOf(row) : null };
}

function holderOf({ run_id: runId, pull }: StandingRow): LockHolder | null {
  if (runId !== null) return { kind: 'run', runId, pull: pull === null ? null : Number(pull) };
  return pull === null ? null : { kind: 'pull', pull: Number(pull) };
}
