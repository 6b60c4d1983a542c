// Every service in this process, as standalone has them or over a real nats-server, on a database of their own.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { drift } from '@terramesh/drift';
import { gateway } from '@terramesh/gateway';
import { locks } from '@terramesh/locks';
import { type MeshLink, openMesh } from '@terramesh/mesh';
import { projects } from '@terramesh/projects';
import { runsService } from '@terramesh/runs';
import {
  createLogger,
  loadSettings,
  type RunningService,
  type ServiceDefinition,
  type SettingDefinitions,
  startService,
} from '@terramesh/service';
import { createTestDatabase, startTestNats, type TestNats } from '@terramesh/testing';
import { type Answer, type AskOptions, asker } from './http.js';

export interface SystemOptions {
  readonly mesh: 'inproc' | 'nats';
  /** Base of the clone URLs of Type Github. */
  readonly githubUrl: string;
  /** Default: a new database, dropped at the end. */
  readonly postgres?: string;
  /** Variables, for whichever service has them. */
  readonly settings?: Readonly<Record<string, string>>;
  readonly runsReplicas?: number;
  /** Default 1; they do nothing unless the settings turn drift detection on. */
  readonly driftReplicas?: number;
  /** PATH of this process for as long as the system runs. */
  readonly path?: string;
  readonly stopTimeoutMs?: number;
}

export interface System {
  /** Of the gateway. */
  readonly url: string;
  readonly databaseUrl: string;
  /** One for each replica of `runs`. */
  readonly dataDirs: readonly string[];
  /** Every line that any service logged, at level debug. */
  readonly logged: readonly string[];
  /** A link that services of the test's own may use. */
  readonly link: MeshLink;
  /** Undefined in-process. */
  readonly nats: TestNats | undefined;
  readonly gateway: RunningService;
  readonly runs: readonly RunningService[];
  readonly drift: readonly RunningService[];
  /** With the token, like everything here. */
  http(method: string, path: string, options?: AskOptions): Promise<Answer>;
  plan(body: object, options?: AskOptions): Promise<Answer>;
  apply(body: object, options?: AskOptions): Promise<Answer>;
  stop(): Promise<void>;
}

export const apiSecret = 'e2e-api-secret-7f3a';
/** Of the site administrator, for the TFE API; see `tfeClient`. */
export const adminToken = 'e2e-admin-token-5c9b-0123456789abcdef';

export async function startSystem(options: SystemOptions): Promise<System> {
  const undo: (() => Promise<unknown>)[] = [];
  const stop = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    return { ...(await start(options, undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function start(options: SystemOptions, undo: (() => Promise<unknown>)[]): Promise<Omit<System, 'stop'>> {
  usePath(options.path, undo);
  const databaseUrl = options.postgres ?? (await ownDatabase(undo));
  const logged: string[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => void logged.push(line) });
  const nats = options.mesh === 'nats' ? await startTestNats() : undefined;
  if (nats !== undefined) undo.push(() => nats.stop());
  const linkOf = await meshOf(nats?.url, logger, undo);
  const common = {
    DATABASE_URL: databaseUrl,
    TERRAMESH_PORT: '0',
    TERRAMESH_HOST: '127.0.0.1',
    TERRAMESH_API_SECRET: apiSecret,
    TERRAMESH_ADMIN_TOKEN: adminToken,
    TERRAMESH_RATE_LIMIT: '0',
    TERRAMESH_REPO_ALLOWLIST: '*',
    TERRAMESH_GITHUB_URL: options.githubUrl,
    ...options.settings,
  };
  const begin = async <D extends SettingDefinitions>(definition: ServiceDefinition<D>, env: Record<string, string>) => {
    const settings = loadSettings(definition.settings, { env: { ...common, ...env } });
    const link = await linkOf(definition.name);
    const { stopTimeoutMs = 10_000 } = options;
    const running = await startService(definition, { settings, link, logger, stopTimeoutMs });
    undo.push(() => running.stop());
    return running;
  };
  await begin(projects, {});
  await begin(locks, {});
  const dataDirs: string[] = [];
  const runs: RunningService[] = [];
  for (let replica = 0; replica < (options.runsReplicas ?? 1); replica += 1) {
    const dataDir = options.settings?.TERRAMESH_DATA_DIR ?? (await ownFolder(undo));
    dataDirs.push(dataDir);
    runs.push(await begin(runsService, { TERRAMESH_DATA_DIR: dataDir }));
  }
  const driftServices: RunningService[] = [];
  for (let replica = 0; replica < (options.driftReplicas ?? 1); replica += 1) {
    driftServices.push(await begin<typeof drift.settings>(drift, {}));
  }
  const listening = await begin<typeof gateway.settings>(gateway, {});
  const url = listening.url ?? '';
  const http = asker(url, apiSecret);
  return {
    url,
    databaseUrl,
    dataDirs,
    logged,
    link: await linkOf('test'),
    nats,
    gateway: listening,
    runs,
    drift: driftServices,
    http,
    plan: (body, ask) => http('POST', '/api/plan', { body, ...ask }),
    apply: (body, ask) => http('POST', '/api/apply', { body, ...ask }),
  };
}

/** Services read PATH when they start a process. */
function usePath(path: string | undefined, undo: (() => Promise<unknown>)[]): void {
  if (path === undefined) return;
  const before = process.env.PATH;
  process.env.PATH = path;
  undo.push(async () => {
    process.env.PATH = before;
  });
}

async function ownDatabase(undo: (() => Promise<unknown>)[]): Promise<string> {
  const database = await createTestDatabase();
  undo.push(() => database.drop());
  return database.url;
}

async function ownFolder(undo: (() => Promise<unknown>)[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-data-'));
  undo.push(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** In-process all share one link; over NATS each service has its own, as it has in a process of its own. */
async function meshOf(
  natsUrl: string | undefined,
  logger: ReturnType<typeof createLogger>,
  undo: (() => Promise<unknown>)[],
): Promise<(service: string) => Promise<MeshLink>> {
  const open = async (url: string, service: string) => {
    const link = await openMesh({ url, service, logger });
    undo.push(() => link.close());
    return link;
  };
  if (natsUrl !== undefined) return (service) => open(natsUrl, service);
  const shared = await open('inproc:', 'test');
  return async () => shared;
}
