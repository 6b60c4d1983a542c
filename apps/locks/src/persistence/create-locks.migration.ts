import type { MigrationInterface, QueryRunner } from 'typeorm';

export class CreateLocks1763800000000 implements MigrationInterface {
  readonly name = 'CreateLocks1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table claims (
        ticket bigint primary key,
        key_id text collate "C" not null,
        hostname text not null,
        repository text not null,
        directory text not null,
        terraform_workspace text not null,
        target_name text not null,
        name text collate "C" not null,
        run_id text collate "C",
        pull bigint,
        fence bigint,
        guard text not null default 'none' check (guard in ('none', 'applying', 'outcome_unknown')),
        user_name text not null,
        url text not null,
        reason text not null,
        joined_at timestamptz not null default now(),
        held_since timestamptz,
        check (run_id is not null or pull is not null),
        check ((fence is null) = (held_since is null)),
        check (fence is not null or guard = 'none')
      )`);
    // What the decisions promise, also against a mistake in them.
    await runner.query(`create unique index claims_run on claims (key_id, run_id) where run_id is not null`);
    await runner.query(`create unique index claims_pull on claims (key_id, pull) where run_id is null`);
    await runner.query(
      `create unique index claims_one_run_holds on claims (key_id) where fence is not null and run_id is not null`,
    );
    await runner.query(
      `create unique index claims_one_pull_holds on claims (key_id) where fence is not null and run_id is null`,
    );
    await runner.query(`create index claims_line on claims (key_id, ticket)`);
    await runner.query(`create index claims_waiting on claims (key_id, ticket) where fence is null`);
    await runner.query(`create index claims_of_run on claims (run_id) where run_id is not null`);
    await runner.query(`create index claims_held_by_name on claims (name) where fence is not null`);

    await runner.query(`create table ticket_counter (id int primary key check (id = 1), next bigint not null)`);
    await runner.query(`insert into ticket_counter values (1, 1)`);
    await runner.query(`create table apply_lock (id int primary key check (id = 1), since timestamptz)`);
    await runner.query(`insert into apply_lock values (1, null)`);
    await runner.query(`create table sweeps (id int primary key check (id = 1), begun_at timestamptz not null)`);
    await runner.query(`insert into sweeps values (1, '-infinity')`);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
