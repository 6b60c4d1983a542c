// Runs as one target sees them: an execution with what its run knows of it.
import { ExecutionId, RunId, type TargetPlace, type TargetRun } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';

type Row = Omit<TargetRun, 'place' | 'createdAt' | 'startedAt' | 'finishedAt' | 'cancelRequestedAt'> &
  TargetPlace & { createdAt: Date; startedAt: Date | null; finishedAt: Date | null; cancelRequestedAt: Date | null };

const columns = `
  case when (select count(*) from execution other where other.run_id = run.id) = 1 then run.id
    else 'run-' || substr(execution.id, 5) end as id,
  run.id as "runId", execution.id as "executionId", run.hostname, run.repository, execution.directory,
  execution.terraform_workspace as "terraformWorkspace", run.kind, execution.state, run.ref, run.pull, run.commit,
  run.user_name as "user", execution.waiting_for as "waitingFor", execution.plan, execution.problem,
  run.created_at as "createdAt", execution.started_at as "startedAt", execution.finished_at as "finishedAt",
  execution.cancel_requested_at as "cancelRequestedAt"`;

const ofPlace = 'repository_key = $1 and directory = $2 and terraform_workspace = $3';

/** The latest run of each place, by the place's position in `places`. */
export async function findLatestTargetRuns(
  tx: EntityManager,
  places: readonly TargetPlace[],
): Promise<Map<number, TargetRun>> {
  const rows = await tx.query<(Row & { position: number })[]>(
    `select place.position::int as position, ${columns}
     from unnest($1::text[], $2::text[], $3::text[]) with ordinality
       as place (repository_key, directory, terraform_workspace, position)
     cross join lateral (
       select * from execution where execution.repository_key = place.repository_key
         and execution.directory = place.directory and execution.terraform_workspace = place.terraform_workspace
       order by created_at desc, id desc limit 1
     ) as execution
     join run on run.id = execution.run_id`,
    arraysOf(places),
  );
  return new Map(rows.map(({ position, ...row }) => [position - 1, targetRunOf(row)]));
}

/** The positions of the places whose Terraform state is kept here. */
export async function findKeptStates(tx: EntityManager, places: readonly TargetPlace[]): Promise<Set<number>> {
  const rows = await tx.query<{ position: number }[]>(
    `select place.position::int as position
     from unnest($1::text[], $2::text[], $3::text[]) with ordinality
       as place (repository_key, directory, terraform_workspace, position)
     where exists (select from terraform_state kept where kept.hostname || '/' || kept.repository = place.repository_key
       and kept.hostname = split_part(place.repository_key, '/', 1)
       and kept.repository = substr(place.repository_key, strpos(place.repository_key, '/') + 1)
       and kept.directory = place.directory and kept.terraform_workspace = place.terraform_workspace)`,
    arraysOf(places),
  );
  return new Set(rows.map(({ position }) => position - 1));
}

export async function listTargetRuns(
  tx: EntityManager,
  place: TargetPlace,
  page: { number: number; size: number },
): Promise<{ items: TargetRun[]; total: number }> {
  const key = [repositoryKey(place), place.directory, place.terraformWorkspace];
  const [[counted], rows] = await Promise.all([
    tx.query<{ total: number }[]>(`select count(*)::int as total from execution where ${ofPlace}`, key),
    tx.query<Row[]>(
      `select ${columns} from (
         select * from execution where ${ofPlace} order by created_at desc, id desc offset $4 limit $5
       ) as execution join run on run.id = execution.run_id order by execution.created_at desc, execution.id desc`,
      [...key, String((page.number - 1) * page.size), page.size],
    ),
  ]);
  return { items: rows.map(targetRunOf), total: counted?.total ?? 0 };
}

/** `letters`: what follows `run-` in the id. */
export async function findTargetRun(tx: EntityManager, letters: string): Promise<TargetRun | undefined> {
  const [row] = await tx.query<Row[]>(
    `select ${columns} from execution join run on run.id = execution.run_id
     where execution.id = $1 and (select count(*) from execution other where other.run_id = run.id) > 1
       or execution.run_id = $2 and (select count(*) from execution other where other.run_id = $2) = 1`,
    [`exe-${letters}`, `run-${letters}`],
  );
  return row === undefined ? undefined : targetRunOf(row);
}

function targetRunOf({ hostname, repository, directory, terraformWorkspace, ...row }: Row): TargetRun {
  return {
    ...row,
    id: RunId.parse(row.id),
    runId: RunId.parse(row.runId),
    executionId: ExecutionId.parse(row.executionId),
    place: { hostname, repository, directory, terraformWorkspace },
    createdAt: row.createdAt.toISOString(),
    startedAt: row.startedAt?.toISOString() ?? null,
    finishedAt: row.finishedAt?.toISOString() ?? null,
    cancelRequestedAt: row.cancelRequestedAt?.toISOString() ?? null,
  };
}

function arraysOf(places: readonly TargetPlace[]): string[][] {
  return [
    places.map(repositoryKey),
    places.map(({ directory }) => directory),
    places.map(({ terraformWorkspace }) => terraformWorkspace),
  ];
}

function repositoryKey({ hostname, repository }: TargetPlace): string {
  return `${hostname}/${repository}`.toLowerCase();
}
