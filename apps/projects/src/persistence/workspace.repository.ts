import { Injectable } from '@nestjs/common';
import type { TargetPlace, VcsType, WorkspaceKey, WorkspaceSettings } from '@terramesh/contracts';
import { newId } from '../domain/ids.js';
import { inheritedMode } from './project-row.js';
import type { Transaction } from './transaction.js';
import { type WorkspaceRow, workspaceColumns, workspaceTables } from './workspace-row.js';

/** What a caller may change, as it is stored. */
export interface WorkspaceAttributes {
  readonly projectId: string;
  readonly name: string;
  readonly description: string | null;
  readonly executionMode: 'remote' | 'local' | null;
  readonly terraformVersion: string;
  readonly workingDirectory: string;
  readonly terraformWorkspace: string;
  readonly settings: Partial<WorkspaceSettings>;
  readonly vcsType: VcsType | null;
  readonly hostname: string | null;
  readonly repository: string | null;
  readonly branch: string | null;
  readonly oauthTokenId: string | null;
  readonly githubAppInstallationId: string | null;
  readonly targetDirectory: string;
}

export interface WorkspaceRead {
  /** Of the caller: `grants` of the result are theirs. */
  readonly teamIds: readonly string[];
  readonly tags: 'with-tags' | 'without-tags';
}

const columnOf: Readonly<Record<keyof WorkspaceAttributes, string>> = {
  projectId: 'project_id',
  name: 'name',
  description: 'description',
  executionMode: 'execution_mode',
  terraformVersion: 'terraform_version',
  workingDirectory: 'working_directory',
  terraformWorkspace: 'terraform_workspace',
  settings: 'settings',
  vcsType: 'vcs_type',
  hostname: 'hostname',
  repository: 'repository',
  branch: 'branch',
  oauthTokenId: 'oauth_token_id',
  githubAppInstallationId: 'github_app_installation_id',
  targetDirectory: 'target_directory',
};
const attributeNames = Object.keys(columnOf) as (keyof WorkspaceAttributes)[];

@Injectable()
export class WorkspaceRepository {
  /** The id of the workspace and of its organization. */
  async locate(
    tx: Transaction,
    key: WorkspaceKey | { readonly place: TargetPlace },
  ): Promise<{ id: string; organizationId: string } | undefined> {
    const [condition, values] = conditionOf(key);
    const [row] = await tx.query<{ id: string; organizationId: string }[]>(
      `select id, organization_id as "organizationId" from workspace where ${condition}`,
      values,
    );
    return row;
  }

  async find(tx: Transaction, id: string, { teamIds, tags }: WorkspaceRead): Promise<WorkspaceRow | undefined> {
    const [row] = await tx.query<WorkspaceRow[]>(
      `select ${workspaceColumns({ teams: '$2', withTags: '$3' })} from workspace w ${workspaceTables} where w.id = $1`,
      [id, teamIds, tags === 'with-tags'],
    );
    return row;
  }

  /** Nobody else changes, moves or deletes it until `tx` ends. False when it is gone. */
  async lock(tx: Transaction, id: string): Promise<boolean> {
    const rows = await tx.query<unknown[]>('select 1 from workspace where id = $1 for update', [id]);
    return rows.length > 0;
  }

  /** The execution mode that workspaces of the project inherit. */
  async inheritedMode(tx: Transaction, projectId: string): Promise<'remote' | 'local' | 'agent'> {
    const [row] = await tx.query<{ mode: 'remote' | 'local' | 'agent' }[]>(
      `select coalesce(p.default_execution_mode, ${inheritedMode}) as mode
       from project p join organization o on o.id = p.organization_id where p.id = $1`,
      [projectId],
    );
    return row?.mode ?? 'remote';
  }

  async defaultProject(tx: Transaction, organizationId: string): Promise<string | undefined> {
    const [row] = await tx.query<{ id: string }[]>('select id from project where organization_id = $1 and is_default', [
      organizationId,
    ]);
    return row?.id;
  }

  /** Returns the id. Breaks `workspace_name` or `workspace_target` when they are taken, a reference without the project. */
  async insert(tx: Transaction, organizationId: string, attributes: WorkspaceAttributes): Promise<string> {
    const id = newId('ws');
    const names = attributeNames.map((name) => columnOf[name]);
    const places = names.map((_name, index) => `$${index + 3}`);
    await tx.query(
      `insert into workspace (id, organization_id, ${names.join(', ')}) values ($1, $2, ${places.join(', ')})`,
      [id, organizationId, ...attributeNames.map((name) => attributes[name])],
    );
    return id;
  }

  /** Breaks the same rules. */
  async update(tx: Transaction, id: string, attributes: WorkspaceAttributes): Promise<void> {
    const changes = attributeNames.map((name, index) => `${columnOf[name]} = $${index + 2}`);
    await tx.query(`update workspace set ${changes.join(', ')}, updated_at = now() where id = $1`, [
      id,
      ...attributeNames.map((name) => attributes[name]),
    ]);
  }

  async touch(tx: Transaction, id: string): Promise<void> {
    await tx.query('update workspace set updated_at = now() where id = $1', [id]);
  }

  /** False when it is gone already. */
  async delete(tx: Transaction, id: string): Promise<boolean> {
    const [, count] = await tx.query<[unknown[], number]>('delete from workspace where id = $1', [id]);
    return count > 0;
  }

  async existing(tx: Transaction, ids: readonly string[]): Promise<string[]> {
    const rows = await tx.query<{ id: string }[]>('select id from workspace where id = any($1::text[])', [ids]);
    return rows.map(({ id }) => id);
  }

  /** What locks show of a caller: the name of the person, of the team or of the organization. */
  async nameOfCaller(tx: Transaction, accountId: string): Promise<string> {
    const [row] = await tx.query<{ name: string }[]>(
      `select coalesce(team.name, organization.name, account.username) as name from account
       left join team on team.id = account.team_id
       left join organization on organization.id = account.organization_id where account.id = $1`,
      [accountId],
    );
    return row?.name ?? accountId;
  }
}

function conditionOf(key: WorkspaceKey | { readonly place: TargetPlace }): [condition: string, values: string[]] {
  if ('id' in key) return ['id = $1', [key.id]];
  if ('place' in key) {
    const { hostname, repository, directory, terraformWorkspace } = key.place;
    return [
      `repository is not null and lower(hostname) = lower($1) and lower(repository) = lower($2)
       and target_directory = $3 and terraform_workspace = $4`,
      [hostname, repository, directory, terraformWorkspace],
    ];
  }
  return [
    `lower(name) = lower($2 collate "C")
     and organization_id = (select id from organization where lower(name) = lower($1))`,
    [key.organizationName, key.name],
  ];
}
