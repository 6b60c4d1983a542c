import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Locks that people put on workspaces. */
export class CreatePersonLocks1764000000000 implements MigrationInterface {
  readonly name = 'CreatePersonLocks1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table person_lock (
        workspace_id text collate "C" primary key,
        workspace text not null,
        place_id text collate "C" unique,
        hostname text not null,
        repository text not null,
        directory text not null,
        terraform_workspace text not null,
        name text collate "C" not null,
        owner_id text not null,
        user_name text not null,
        reason text not null,
        fence bigint not null,
        held_since timestamptz not null default statement_timestamp()
      )`);
    await runner.query(`create index person_lock_by_name on person_lock (name) where place_id is not null`);
    // Who holds a place under any target name.
    await runner.query(`create index claims_of_place on claims (lower(repository), directory, terraform_workspace)`);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
