// The whole system as an operator runs it: one process per service, several of `runs`, on a real nats-server and a
// Postgres of its own, with every process in the test's hands.
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  createGitRemote,
  freePort,
  type GitRemote,
  startTestNats,
  startTestPostgres,
  type TestNats,
  type TestPostgres,
} from '@terramesh/testing';
import { buildGates } from './gates.js';
import { killBelow } from './left-behind.js';
import { RunsClient } from './runs-client.js';
import { type ServiceName, ServiceProcess } from './service-process.js';
import { recordTools, type ToolRecorder } from './tool-recorder.js';

export interface Replica extends ServiceProcess {
  readonly dataDir: string;
}

export interface ProcessesOptions {
  /** Of the one repository, `acme/infra`; given the folder in which Terraform configurations leave their traces. */
  readonly files: (traces: string) => Readonly<Record<string, string>>;
  /** Variables of every process. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Default 2. */
  readonly runsReplicas?: number;
  /** Default 0. */
  readonly driftReplicas?: number;
}

export interface Processes {
  readonly client: RunsClient;
  readonly databaseUrl: string;
  readonly postgres: TestPostgres;
  readonly nats: TestNats;
  readonly remote: GitRemote;
  readonly terraform: ToolRecorder;
  readonly gateway: ServiceProcess;
  readonly locks: ServiceProcess;
  readonly projects: ServiceProcess;
  readonly replicas: readonly Replica[];
  readonly drift: readonly ServiceProcess[];
  /** Where Terraform configurations leave their traces. */
  readonly traces: string;
  /** Holds everything that lies on disk, but for the database. */
  readonly root: string;
  /** The replica that holds the lease on this run or on its first execution. */
  workerOf(runId: string): Promise<Replica>;
  /** What the processes printed, to be shown when a test fails. */
  output(): string;
  stop(): Promise<void>;
}

/** Short, so that a lost worker is found in seconds. */
export const leaseSeconds = 3;

const apiSecret = 'e2e-processes-2b91';

/** A test's body; what the processes warned of is added to its failure. */
export function explained(system: () => Processes, work: () => Promise<void>): () => Promise<void> {
  return async () => {
    try {
      await work();
    } catch (error) {
      if (error instanceof Error) error.message += `\n\n${system().output()}`;
      throw error;
    }
  };
}

export async function startProcesses(options: ProcessesOptions): Promise<Processes> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return await start(options, undo, stop);
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(
  options: ProcessesOptions,
  undo: (() => Promise<unknown>)[],
  stop: () => Promise<void>,
): Promise<Processes> {
  const root = await mkdtemp(join(tmpdir(), 'terramesh-processes-'));
  undo.push(() => rm(root, { recursive: true, force: true }));
  undo.push(() => killBelow(root));
  const traces = join(root, 'traces');
  await mkdir(traces);
  const postgres = await startTestPostgres();
  undo.push(() => postgres.stop());
  const nats = await startTestNats();
  undo.push(() => nats.stop());
  const remote = await createGitRemote({ repository: 'acme/infra', files: options.files(traces) });
  undo.push(() => remote.remove());
  const terraform = await recordTools(['terraform']);
  undo.push(() => terraform.remove());

  const shared = {
    PATH: terraform.path,
    HOME: root,
    DATABASE_URL: postgres.url,
    MESH_URL: nats.url,
    TERRAMESH_LOG_LEVEL: 'debug',
    TERRAMESH_LOG_FORMAT: 'text',
    TERRAMESH_HEALTH_HOST: '127.0.0.1',
    TERRAMESH_HOST: '127.0.0.1',
    TERRAMESH_API_SECRET: apiSecret,
    TERRAMESH_ADMIN_TOKEN: 'e2e-processes-admin-token-2b91-0123456789',
    TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*',
    TERRAMESH_GITHUB_URL: remote.baseUrl,
    TERRAMESH_LEASE_SECONDS: String(leaseSeconds),
    TERRAMESH_LOCKS_SWEEP_INTERVAL: '1',
    TERRAMESH_STOP_TIMEOUT: '4',
    ...options.settings,
  };
  const prepare = async (service: ServiceName, name: string, own: Record<string, string> = {}) => {
    const port = await freePort();
    const portName = service === 'gateway' ? 'TERRAMESH_PORT' : 'TERRAMESH_HEALTH_PORT';
    const env = { ...shared, [portName]: String(port), ...own };
    const url = `http://127.0.0.1:${port}`;
    return { process: new ServiceProcess({ service, name, env, readyUrl: `${url}/readyz` }), url };
  };
  const projects = (await prepare('projects', 'projects')).process;
  const locks = (await prepare('locks', 'locks')).process;
  const { process: gateway, url } = await prepare('gateway', 'gateway');
  const replicas: Replica[] = [];
  for (let number = 1; number <= (options.runsReplicas ?? 2); number += 1) {
    const dataDir = join(root, `data-${number}`);
    const { process } = await prepare('runs', `runs-${number}`, { TERRAMESH_DATA_DIR: dataDir });
    replicas.push(Object.assign(process, { dataDir }));
  }
  const drift: ServiceProcess[] = [];
  for (let number = 1; number <= (options.driftReplicas ?? 0); number += 1) {
    drift.push((await prepare('drift', `drift-${number}`)).process);
  }
  const all = [projects, locks, gateway, ...replicas, ...drift];
  undo.push(() => Promise.all(all.map((one) => one.kill())));
  await Promise.all(all.map((one) => one.start()));
  await buildGates(postgres.url);
  const client = new RunsClient(url, apiSecret, postgres.url);
  undo.push(() => client.close());
  return {
    client,
    databaseUrl: postgres.url,
    postgres,
    nats,
    remote,
    terraform,
    gateway,
    locks,
    projects,
    replicas,
    drift,
    traces,
    root,
    workerOf: (runId) => workerOf(client, replicas, runId),
    output: () => all.map((one) => `──── ${one.name}\n${tellingLines(one.output)}`).join('\n'),
    stop,
  };
}

async function workerOf(client: RunsClient, replicas: readonly Replica[], runId: string): Promise<Replica> {
  const [row] = await client.sql<{ owner: string | null }>(
    `select coalesce(run.lease_owner, execution.lease_owner) as owner
     from runs.run left join runs.execution on execution.run_id = run.id where run.id = $1 order by ordinal limit 1`,
    [runId],
  );
  for (const replica of replicas) {
    const hostId = await readFile(join(replica.dataDir, 'runs', 'host-id'), 'utf8');
    if (hostId.trim() === row?.owner) return replica;
  }
  throw new Error(`nobody holds the lease on ${runId}`);
}

function tellingLines(output: string): string {
  const lines = output.split('\n').filter((line) => !/ debug .* (nest=|status=[24]0)| is not read; /.test(line));
  return lines.slice(-60).join('\n');
}
