// Root modules whose input is a file of the world: whoever changes the file makes real drift.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AtlantisRemediation } from '@terramesh/contracts';
import { until } from '@terramesh/testing';
import pg from 'pg';
import type { Files, Repository } from './git-host.js';
import type { Answer, AskOptions } from './http.js';
import { startWorld, type World, type WorldOptions } from './world.js';

export interface Remediated {
  readonly status: number;
  readonly body: AtlantisRemediation;
}

export interface DriftWorld extends World {
  /** HCL whose resource holds what the file of this name has; `more` is added to it. */
  drifting(name: string, more?: string): string;
  /** Makes every target that reads this file drift. */
  setWorld(name: string, value: string): Promise<void>;
  /** A repository, applied and recorded without drift. `paths` as in `request`; none: the names of its projects. */
  settle(repository: string, files: Files, targets: { projects?: string[]; paths?: string[] }): Promise<Repository>;
  /** Plans, so that what has drifted is recorded. */
  look(repository: string, targets: { projects?: string[]; paths?: string[] }, ref?: string): Promise<void>;
  remediate(repository: string, more?: object, ask?: AskOptions): Promise<Remediated>;
  /** Has a schedule detect now; resolves when what follows by itself, if anything, is over. */
  detectBySchedule(repository: string, follow: 'nothing' | 'plan' | 'apply'): Promise<void>;
  sql<T>(text: string, values?: unknown[]): Promise<T[]>;
  /** How often Terraform applied in this directory of a checkout. */
  appliesIn(directory: string): Promise<number>;
}

export const bodyOf = (answer: Answer): Remediated => ({ status: answer.status, body: answer.json() });

export async function startDriftWorld(options: WorldOptions): Promise<DriftWorld> {
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-drifting-'));
  const world = await startWorld({
    ...options,
    settings: { TERRAMESH_DRIFT_DETECTION: 'true', ...options.settings },
  });
  const pool = new pg.Pool({ connectionString: world.databaseUrl, max: 2 });
  pool.on('error', () => {});
  const sql = async <T>(text: string, values: unknown[] = []) => (await pool.query(text, values)).rows as T[];
  const fileOf = (name: string) => join(folder, 'world', name);

  const bodyFor = (
    Repository: string,
    Ref: string,
    { projects, paths }: { projects?: string[]; paths?: string[] },
  ) => ({
    Repository,
    Ref,
    Type: 'Github',
    ...(projects ? { Projects: projects } : {}),
    ...(paths ? { Paths: paths.map(pathOf) } : {}),
  });
  const run = async (kind: 'plan' | 'apply', body: object) => {
    const answer = await world.http('POST', `/api/${kind}`, { body });
    const runId = /run-\w+/.exec(answer.headers.get('location') ?? '')?.[0];
    if (answer.status !== 200 || runId === undefined) throw new Error(`${kind}: ${answer.status} ${answer.text}`);
    await until(async () => (await sql('select 1 from drift.recorded_runs where run_id = $1', [runId])).length > 0, {
      timeoutMs: 20_000,
      describe: `the record of ${runId}`,
    });
  };
  return {
    ...world,
    sql,
    drifting: (name, more = '') => `resource "terraform_data" "this" {\n  input = file("${fileOf(name)}")\n}\n${more}`,
    async setWorld(name, value) {
      await mkdir(join(folder, 'world'), { recursive: true });
      await writeFile(fileOf(name), value);
    },
    async settle(repository, files, targets) {
      const created = await world.host.create(repository, files);
      await run('apply', bodyFor(repository, 'main', targets));
      await run('plan', bodyFor(repository, 'main', targets));
      return created;
    },
    look: (repository, targets, ref = 'main') => run('plan', bodyFor(repository, ref, targets)),
    async remediate(repository, more = {}, ask = {}) {
      const body = { repository, ref: 'main', type: 'Github', ...more };
      return bodyOf(await world.http('POST', '/api/drift/remediate', { body, ...ask }));
    },
    async detectBySchedule(repository, follow) {
      const expectStatus = (answer: Answer, status: number) => {
        if (answer.status !== status) throw new Error(`a schedule of ${repository}: ${answer.status} ${answer.text}`);
        return answer.json<{ id: string }>().id;
      };
      // biome-ignore lint/suspicious/noThenProperty: the wire's word
      const body = { type: 'Github', repository, ref: 'main', interval_seconds: 86_400, then: follow };
      const id = expectStatus(await world.http('POST', '/api/drift/schedules', { body }), 201);
      const detection = expectStatus(await world.http('POST', `/api/drift/schedules/${id}/trigger`), 202);
      const over = `select 1 from drift.detections where id = $1 and completed_at is not null and not exists (
        select 1 from drift.remediations where repository = $2 and completed_at is null)`;
      await until(async () => (await sql(over, [detection, repository])).length > 0, {
        timeoutMs: 60_000,
        describe: 'the detection and what follows',
      });
      await world.http('DELETE', `/api/drift/schedules/${id}`);
    },
    async appliesIn(directory) {
      const calls = await world.tools.calls();
      return calls.filter(({ args, cwd }) => args[0] === 'apply' && cwd.endsWith(`/${directory}`)).length;
    },
    async stop() {
      await pool.end();
      await world.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** `directory@workspace`. */
function pathOf(path: string): { Directory: string; Workspace: string } {
  const [Directory = '.', Workspace = 'default'] = path.split('@');
  return { Directory, Workspace };
}

/** A sample of the documentation. */
export async function golden<T = AtlantisRemediation>(name: string): Promise<T> {
  return JSON.parse(await readFile(new URL(`../golden/${name}.json`, import.meta.url), 'utf8'));
}

/** What two bodies must have in common: the same keys in the same order, of the same types. */
export function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shapeOf);
  if (typeof value !== 'object' || value === null) return value === null ? 'null' : typeof value;
  return Object.entries(value).map(([key, member]) => [key, shapeOf(member)]);
}

/** Names, each with its `directory@workspace`. */
export const atlantisYaml = (projects: Record<string, string>) => `version: 3
projects:
${Object.entries(projects)
  .map(([name, place]) => {
    const [dir, workspace = 'default'] = place.split('@');
    return `- name: ${name}\n  dir: ${dir}\n  workspace: ${workspace}\n`;
  })
  .join('')}`;

/** The two projects of the documentation's samples, each with a file of the world of its own: `<name>-vpc`, `<name>-ec2`. */
export async function network(world: DriftWorld, name: string): Promise<Files> {
  await world.setWorld(`${name}-vpc`, 'as it was');
  await world.setWorld(`${name}-ec2`, 'as it was');
  return {
    'atlantis.yaml': atlantisYaml({ vpc: 'modules/vpc@production', ec2: 'modules/ec2@production' }),
    'modules/vpc/main.tf': world.drifting(`${name}-vpc`),
    'modules/ec2/main.tf': world.drifting(`${name}-ec2`),
  };
}
