import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Projects, their tags, and what teams may do in them. */
export class CreateProjects1764000000002 implements MigrationInterface {
  readonly name = 'CreateProjects1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    // Names are ASCII, so "C" orders them well and alike on every server. No execution mode: the organization's.
    await runner.query(`
      create table project (
        id text collate "C" primary key,
        organization_id text collate "C" not null references organization on delete cascade,
        name text collate "C" not null,
        description text,
        auto_destroy_activity_duration text,
        default_execution_mode text check (default_execution_mode in ('remote', 'local')),
        is_default boolean not null default false,
        created_at timestamptz not null default now()
      )`);
    // Also the order of every list.
    await runner.query(`create unique index project_name on project (organization_id, lower(name))`);
    await runner.query(`create unique index project_one_default on project (organization_id) where is_default`);

    await runner.query(`
      create table project_tag (
        id text collate "C" primary key,
        project_id text collate "C" not null references project on delete cascade,
        key text collate "C" not null,
        value text collate "C" not null,
        position bigint generated always as identity,
        constraint project_tag_once unique (project_id, key)
      )`);
    await runner.query(`create index project_tag_value on project_tag (key, value, project_id)`);

    await runner.query(`
      create table team_project (
        id text collate "C" primary key,
        team_id text collate "C" not null references team on delete cascade,
        project_id text collate "C" not null references project on delete cascade,
        access text not null check (access in ('read', 'write', 'maintain', 'admin', 'custom')),
        project_access jsonb not null,
        workspace_access jsonb not null,
        created_at timestamptz not null default now(),
        constraint team_project_once unique (project_id, team_id)
      )`);
    await runner.query(`create index team_project_of on team_project (team_id)`);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
