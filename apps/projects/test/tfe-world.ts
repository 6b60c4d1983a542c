// The real service on a database of its own, with organizations, people and teams as rows, and the callers they make.
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { expect } from '@jest/globals';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Caller, Project } from '@terramesh/contracts';
import { projects } from '@terramesh/contracts';
import { type Database, openDatabase } from '@terramesh/database';
import { Mesh, type MeshLink, MeshModule, meshStrategy, openMesh } from '@terramesh/mesh';
import { createLogger, loadSettings, Readiness, serviceModule } from '@terramesh/service';
import { createTestDatabase, type TestDatabase } from '@terramesh/testing';
import { newId } from '../src/domain/ids.js';
import { projectsSchema } from '../src/persistence/projects-schema.js';
import { projectsShowing } from '../src/projects.js';

const logger = createLogger({ level: 'silent' });
const service = projectsShowing(() => {});

export interface TfeWorld {
  readonly mesh: Mesh;
  readonly database: TestDatabase;
  /** One more replica on the same database. */
  addReplica(): Promise<void>;
  /** Serves another service's operations with a controller. */
  addService(name: string, controller: new () => object): Promise<void>;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  transaction: Database['transaction'];
  /** With its owners team and its Default Project. */
  addOrganization(name?: string): Promise<Organization>;
  stop(): Promise<void>;
}

export interface Organization {
  readonly id: string;
  readonly name: string;
  readonly defaultProjectId: string;
  readonly owner: Caller;
  readonly token: Caller;
  /** Somebody who belongs to the organization, in a team of their own with these permissions. */
  addMember(organizationAccess?: string[]): Promise<Member>;
  /** `run`: in whose transaction. */
  addWorkspace(projectId: string, run?: TfeWorld['sql']): Promise<string>;
  createProject(name: string, more?: object): Promise<Project>;
}

export interface Member {
  readonly caller: Caller;
  readonly teamId: string;
}

export async function startTfeWorld(settings: Record<string, string> = {}): Promise<TfeWorld> {
  const database = await createTestDatabase();
  const link = await openMesh({ url: 'inproc:', logger });
  const mesh = new Mesh(link, 'test');
  const apps: INestMicroservice[] = [];
  const addReplica = async () => {
    const app = await createReplica(link, { DATABASE_URL: database.url, TERRAMESH_REPO_ALLOWLIST: '*', ...settings });
    await app.listen();
    apps.push(app);
  };
  await addReplica();
  const own = await openDatabase({ ...projectsSchema, url: database.url, poolSize: 4 });
  const sql: TfeWorld['sql'] = (text, values = []) => own.dataSource.query(text, values);
  return {
    mesh,
    database,
    addReplica,
    sql,
    transaction: (work, options) => own.transaction(work, options),
    async addService(name, controller) {
      class ServiceModule {}
      const module = { module: ServiceModule, imports: [MeshModule.forRoot(link, name)], controllers: [controller] };
      const app = await NestFactory.createMicroservice(module, { strategy: meshStrategy(link, name), logger: false });
      await app.listen();
      apps.push(app);
    },
    addOrganization: (name = `org-${randomUUID().slice(0, 8)}`) => addOrganization({ mesh, sql }, name),
    async stop() {
      await own.close();
      await Promise.all(apps.map((app) => app.close()));
      await link.close();
      await database.drop();
    },
  };
}

function createReplica(link: MeshLink, env: Record<string, string>): Promise<INestMicroservice> {
  const context = {
    settings: loadSettings(service.settings, { env }),
    link,
    logger,
    readiness: new Readiness(logger),
    metrics: undefined,
    stopTimeoutMs: 30_000,
  };
  return NestFactory.createMicroservice(serviceModule(service, context), {
    strategy: meshStrategy(link, service.name),
    logger: false,
    abortOnError: false,
  });
}

export const userCaller = (accountId: string): Caller => ({
  tokenId: newId('at'),
  kind: 'user',
  accountId,
  ownerId: accountId,
});

async function addOrganization({ mesh, sql }: Pick<TfeWorld, 'mesh' | 'sql'>, name: string): Promise<Organization> {
  const id = newId('org');
  await sql(`insert into organization (id, name, email) values ($1, $2, 'it@example.com')`, [id, name]);
  const defaultProjectId = newId('prj');
  await sql(`insert into project (id, organization_id, name, is_default) values ($1, $2, 'Default Project', true)`, [
    defaultProjectId,
    id,
  ]);
  const addMember = async (access: string[], isOwners: boolean): Promise<Member> => {
    const accountId = newId('user');
    const teamId = newId('team');
    await sql('insert into account (id, username, email) values ($1, $1, $2)', [accountId, `${accountId}@example.com`]);
    await sql('insert into organization_membership (id, organization_id, account_id) values ($1, $2, $3)', [
      newId('ou'),
      id,
      accountId,
    ]);
    await sql(
      'insert into team (id, organization_id, name, is_owners, organization_access) values ($1, $2, $3, $4, $5)',
      [teamId, id, isOwners ? 'owners' : teamId, isOwners, access],
    );
    await sql('insert into team_member (team_id, organization_id, account_id) values ($1, $2, $3)', [
      teamId,
      id,
      accountId,
    ]);
    return { caller: userCaller(accountId), teamId };
  };
  const { caller: owner } = await addMember([], true);
  const serviceUser = newId('user');
  await sql('insert into account (id, username, organization_id) values ($1, $1, $2)', [serviceUser, id]);
  return {
    id,
    name,
    defaultProjectId,
    owner,
    token: { tokenId: newId('at'), kind: 'organization', accountId: serviceUser, ownerId: id },
    addMember: (access = []) => addMember(access, false),
    async addWorkspace(projectId, run = sql) {
      const workspaceId = newId('ws');
      await run(
        `insert into workspace (id, organization_id, project_id, name, terraform_version, working_directory,
           terraform_workspace, target_directory) values ($1, $2, $3, $4, '1.11.4', '', 'default', '.')`,
        [workspaceId, id, projectId, workspaceId],
      );
      return workspaceId;
    },
    createProject: (projectName, more = {}) =>
      mesh.call(projects.create, {
        caller: owner,
        organizationName: name,
        document: { data: { type: 'projects', attributes: { name: projectName, ...more } } },
      }),
  };
}

export const projectDocument = (attributes: object, relationships?: object) => ({
  data: { type: 'projects', attributes, ...(relationships === undefined ? {} : { relationships }) },
});

export const rejectsWith = (code: string): unknown => expect.objectContaining({ code });
