// Runs as one target sees them: an execution with what its run knows of it.
import { ExecutionId, RunId, type TargetPlace, type TargetRun } from '@terramesh/contracts';
import type { EntityManager } from 'typeorm';
import { terminalStates } from '../domain/execution-state.js';

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

/** `mayManage`: something was applied, or a Terraform state is kept here. */
export async function findTraces(
  tx: EntityManager,
  place: TargetPlace,
): Promise<{ isBusy: boolean; mayManage: boolean }> {
  const [row] = await tx.query<{ isBusy: boolean; mayManage: boolean }[]>(
    `select exists (select from execution where ${ofPlace} and state <> all($6)) as "isBusy",
       exists (select from execution where ${ofPlace}
         and state in ('apply_intent', 'applying', 'applied', 'apply_failed', 'outcome_unknown'))
       or exists (select from terraform_state where hostname = $4 and repository = $5 and directory = $2
         and terraform_workspace = $3) as "mayManage"`,
    [...keyOf(place), place.hostname.toLowerCase(), place.repository.toLowerCase(), terminalStates],
  );
  return row ?? { isBusy: false, mayManage: false };
}

export async function listTargetRuns(
  tx: EntityManager,
  place: TargetPlace,
  page: { number: number; size: number },
): Promise<{ items: TargetRun[]; total: number }> {
  const key = keyOf(place);
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

function keyOf(place: TargetPlace): string[] {
  return [repositoryKey(place), place.directory, place.terraformWorkspace];
}

function repositoryKey({ hostname, repository }: TargetPlace): string {
  return `${hostname}/${repository}`.toLowerCase();
}
