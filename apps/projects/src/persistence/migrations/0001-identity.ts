import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Accounts, organizations, teams, who belongs to what, tokens, and the rate limit. */
export class CreateIdentity1764000000001 implements MigrationInterface {
  readonly name = 'CreateIdentity1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table organization (
        id text collate "C" primary key,
        name text not null,
        email text not null,
        settings jsonb not null default '{}',
        created_at timestamptz not null default now()
      )`);
    await runner.query(`create unique index organization_name on organization (lower(name))`);

    await runner.query(`
      create table team (
        id text collate "C" primary key,
        organization_id text collate "C" not null references organization on delete cascade,
        name text not null,
        is_owners boolean not null default false,
        organization_access text[] not null default '{}',
        visibility text not null default 'secret' check (visibility in ('secret', 'organization')),
        sso_team_id text,
        allow_member_token_management boolean not null default true,
        created_at timestamptz not null default now(),
        check (is_owners or lower(name) <> 'owners')
      )`);
    await runner.query(`create unique index team_name on team (organization_id, lower(name))`);
    await runner.query(`create unique index team_one_owners on team (organization_id) where is_owners`);

    // A service user belongs to a team or an organization, and ends with it.
    await runner.query(`
      create table account (
        id text collate "C" primary key,
        username text not null,
        email text,
        is_site_admin boolean not null default false,
        team_id text collate "C" unique references team on delete cascade,
        organization_id text collate "C" unique references organization on delete cascade,
        created_at timestamptz not null default now(),
        check (team_id is null or organization_id is null),
        check ((email is null) = (team_id is not null or organization_id is not null)),
        check (email is not null or not is_site_admin)
      )`);
    await runner.query(`create unique index account_username on account (lower(username))`);
    await runner.query(`create unique index account_email on account (lower(email))`);

    await runner.query(`
      create table organization_membership (
        id text collate "C" primary key,
        organization_id text collate "C" not null references organization on delete cascade,
        account_id text collate "C" not null references account on delete cascade,
        created_at timestamptz not null default now(),
        constraint organization_membership_once unique (organization_id, account_id)
      )`);
    await runner.query(`create index organization_membership_of on organization_membership (account_id)`);

    await runner.query(`
      create table team_member (
        team_id text collate "C" not null references team on delete cascade,
        account_id text collate "C" not null references account on delete cascade,
        organization_id text collate "C" not null,
        primary key (team_id, account_id),
        -- Whoever leaves the organization leaves its teams, and nobody gets in who has left at the same moment.
        constraint team_member_belongs foreign key (organization_id, account_id)
          references organization_membership (organization_id, account_id) on delete cascade
      )`);
    await runner.query(`create index team_member_of on team_member (account_id, organization_id)`);

    await runner.query(`
      create table token (
        id text collate "C" primary key,
        hash text collate "C" not null,
        account_id text collate "C" not null references account on delete cascade,
        created_by text collate "C" references account on delete set null,
        description text not null default '',
        is_single boolean not null default false,
        created_at timestamptz not null default now(),
        last_used_at timestamptz,
        expired_at timestamptz
      )`);
    await runner.query(`create unique index token_hash on token (hash)`);
    await runner.query(`create index token_of on token (account_id, created_at desc)`);
    await runner.query(`create index token_made_by on token (created_by)`);
    await runner.query(`create unique index token_single on token (account_id) where is_single`);

    await runner.query(`create table installation (
        id int primary key check (id = 1),
        made_at timestamptz not null,
        administrator_id text collate "C" references account on delete set null
      )`);

    // Worth nothing after a crash of Postgres, so it need not be kept.
    await runner.query(`
      create unlogged table rate_bucket (
        owner text collate "C" primary key,
        requests double precision not null,
        allowed boolean not null,
        at timestamptz not null
      )`);
    await runner.query(`create index rate_bucket_at on rate_bucket (at)`);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
