import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Workspaces, their tags, and the targets that they are bound to. */
export class CreateWorkspaces1764000000003 implements MigrationInterface {
  readonly name = 'CreateWorkspaces1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    // A project that has workspaces cannot go: of a delete and a create at the same moment one fails.
    await runner.query(`
      create table workspace (
        id text collate "C" primary key,
        organization_id text collate "C" not null references organization on delete cascade,
        project_id text collate "C" not null constraint workspace_project references project on delete restrict,
        name text collate "C" not null,
        description text,
        execution_mode text check (execution_mode in ('remote', 'local')),
        terraform_version text not null,
        working_directory text not null,
        terraform_workspace text collate "C" not null,
        settings jsonb not null default '{}',
        vcs_type text check (vcs_type in ('Github', 'Gitlab', 'Gitea')),
        hostname text collate "C",
        repository text collate "C",
        branch text,
        oauth_token_id text,
        github_app_installation_id text,
        target_directory text collate "C" not null,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now(),
        check (num_nulls(vcs_type, hostname, repository, branch) in (0, 4))
      )`);
    // Also the order of every list.
    await runner.query(`create unique index workspace_name on workspace (organization_id, lower(name))`);
    await runner.query(`create index workspace_of_project on workspace (project_id, lower(name))`);
    // One target, one workspace, over all organizations.
    await runner.query(`
      create unique index workspace_target
        on workspace (lower(hostname), lower(repository), target_directory, terraform_workspace)
        where repository is not null`);

    await runner.query(`
      create table workspace_tag (
        id text collate "C" primary key,
        workspace_id text collate "C" not null references workspace on delete cascade,
        kind text not null check (kind in ('name', 'binding')),
        key text collate "C" not null,
        value text collate "C" not null,
        position bigint generated always as identity,
        created_at timestamptz not null default now(),
        constraint workspace_tag_once unique (workspace_id, kind, key),
        check (kind = 'binding' or value = '')
      )`);
    await runner.query(`create index workspace_tag_value on workspace_tag (key, value, workspace_id)`);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
