// What a caller and an operator see of runs: the HTTP API, and the rows.
import { randomUUID } from 'node:crypto';
import type { AtlantisLock, ExecutionState, LogLine, Run, RunKind } from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import pg from 'pg';
import { type Answer, type AskOptions, asker } from './http.js';
import { type FollowedLog, followLog } from './log-follower.js';

export interface Submitted {
  readonly runId: string;
  readonly kind: RunKind;
  readonly body: object;
  readonly key: string;
}

/** The parts of `POST /api/plan` and `/api/apply`'s answer that these tests look at. */
export interface ProjectResult {
  readonly Error: string | null;
  readonly Failure: string;
  readonly PlanSuccess: { readonly TerraformOutput: string } | null;
  readonly ApplySuccess: string;
}

export interface ExecutionRow {
  readonly id: string;
  readonly state: ExecutionState;
  readonly epoch: number;
  readonly losses: number;
  readonly lockState: string;
  readonly leaseOwner: string | null;
}

const timeoutMs = 30_000;

export class RunsClient {
  readonly http: (method: string, path: string, options?: AskOptions) => Promise<Answer>;
  private readonly pool: pg.Pool;
  private readonly followed: FollowedLog[] = [];

  constructor(
    readonly url: string,
    private readonly token: string,
    databaseUrl: string,
  ) {
    this.http = asker(url, token);
    this.pool = new pg.Pool({ connectionString: databaseUrl, max: 3 });
    this.pool.on('error', () => {});
  }

  close(): Promise<void> {
    for (const log of this.followed) log.stop();
    return this.pool.end();
  }

  async sql<T>(text: string, values: unknown[] = []): Promise<T[]> {
    return (await this.pool.query(text, values)).rows as T[];
  }

  /** Starts a run without waiting for it. */
  async submit(kind: RunKind, directories: string | readonly string[], more: object = {}): Promise<Submitted> {
    const paths = [directories].flat().map((directory) => ({ Directory: directory }));
    const body = { Repository: 'acme/infra', Ref: 'main', Type: 'Github', Paths: paths, ...more };
    const key = randomUUID();
    const headers = { Prefer: 'respond-async', 'Idempotency-Key': key };
    const answer = await this.http('POST', `/api/${kind}`, { body, headers });
    if (answer.status !== 202) throw new Error(`${answer.status} ${answer.text}`);
    return { runId: answer.json<{ id: string }>().id, kind, body, key };
  }

  /** What the caller who waited for this run is told: the same request with its key again. */
  async result({ kind, body, key }: Submitted): Promise<{ status: number; projects: ProjectResult[]; text: string }> {
    const answer = await this.http('POST', `/api/${kind}`, { body, headers: { 'Idempotency-Key': key } });
    const { ProjectResults: projects } = answer.json<{ ProjectResults?: ProjectResult[] }>();
    return { status: answer.status, projects: projects ?? [], text: answer.text };
  }

  /** Starts a run and waits for its answer. */
  async complete(kind: RunKind, directories: string | readonly string[], more: object = {}) {
    const submitted = await this.submit(kind, directories, more);
    await this.finished(submitted.runId);
    return { ...submitted, ...(await this.result(submitted)) };
  }

  async run(runId: string): Promise<Run> {
    return (await this.http('GET', `/api/runs/${runId}`)).json<Run>();
  }

  async finished(runId: string): Promise<Run> {
    const isFinished = async () => {
      const [row] = await this.sql<{ status: string }>(`select status from runs.run where id = $1`, [runId]);
      return row?.status === 'finished';
    };
    await until(isFinished, { timeoutMs, describe: `the end of ${runId}` });
    return this.run(runId);
  }

  async executions(runId: string): Promise<ExecutionRow[]> {
    return this.sql<ExecutionRow>(
      `select id, state, lease_epoch as epoch, losses, lock_state as "lockState", lease_owner as "leaseOwner"
       from runs.execution where run_id = $1 order by ordinal`,
      [runId],
    );
  }

  async execution(runId: string): Promise<ExecutionRow> {
    const [row] = await this.executions(runId);
    if (row === undefined) throw new Error(`${runId} has no executions`);
    return row;
  }

  /** Resolves when the first execution of the run is in one of these states. */
  async reached(runId: string, ...states: ExecutionState[]): Promise<ExecutionRow> {
    return until(
      async () => {
        const row = await this.execution(runId);
        return states.includes(row.state) && row;
      },
      { timeoutMs, describe: `${runId} in ${states.join(' or ')}` },
    );
  }

  async cancel(runId: string): Promise<Answer> {
    return this.http('POST', `/api/runs/${runId}/cancel`);
  }

  async locks(): Promise<AtlantisLock[]> {
    return (await this.http('GET', '/api/locks')).json<{ Locks: AtlantisLock[] }>().Locks;
  }

  /** Resolves when no lock is held. */
  async noLocks(): Promise<void> {
    await until(async () => (await this.locks()).length === 0, { timeoutMs, describe: 'all locks to be free' });
  }

  async log(runId: string): Promise<string> {
    return (await this.http('GET', `/api/runs/${runId}/logs`)).text;
  }

  follow(runId: string): FollowedLog {
    const log = followLog(`${this.url}/api/runs/${runId}/logs`, this.token);
    this.followed.push(log);
    return log;
  }
}

/** The numbers of the lines; complete when they count from 1 without a gap. */
export const numbersOf = (lines: readonly LogLine[]): number[] => lines.map((line) => line.number);
