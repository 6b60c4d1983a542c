import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Remediations1764000000002 implements MigrationInterface {
  readonly name = 'Remediations1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table remediations (
        id uuid primary key,
        number bigint generated always as identity,
        origin text not null check (origin in ('user', 'automatic')),
        detection_id uuid,
        type text not null,
        hostname text not null,
        repository text collate "C" not null,
        ref text not null,
        action text not null check (action in ('plan', 'apply')),
        status text not null check (status in ('pending', 'running', 'success', 'failed', 'partial')),
        idempotency_key text,
        request_hash text,
        run_request jsonb,
        attempted_at timestamptz,
        run_id text collate "C",
        started_at timestamptz not null default now(),
        completed_at timestamptz,
        error text,
        next_look_at timestamptz not null default now(),
        check (status <> 'running' or run_id is not null),
        check ((completed_at is null) = (status in ('pending', 'running')))
      )`);
    await runner.query(
      `create unique index remediations_key on remediations (idempotency_key) where idempotency_key is not null`,
    );
    // A detection leads to one remediation, however often its run is recorded.
    await runner.query(
      `create unique index remediations_of_detection on remediations (detection_id) where detection_id is not null`,
    );
    await runner.query(
      `create index remediations_live on remediations (next_look_at) where status in ('pending', 'running')`,
    );
    await runner.query(`create index remediations_of_run on remediations (run_id) where status = 'running'`);
    await runner.query(`create index remediations_newest on remediations (number)`);
    await runner.query(`create index remediations_of_repository on remediations (lower(repository), number)`);
    await runner.query(`create index remediations_by_end on remediations (completed_at)`);

    await runner.query(`
      create table remediation_targets (
        remediation_id uuid not null references remediations on delete cascade,
        ordinal int not null,
        directory text not null,
        terraform_workspace text not null,
        name text not null,
        part text not null check (part in ('asked', 'refused', 'extra')),
        seen_commit text,
        status text not null check (status in ('pending', 'running', 'success', 'failed')),
        drift_before jsonb,
        drift_after jsonb,
        plan_output text not null default '',
        apply_output text not null default '',
        error text not null default '',
        applied text not null default 'no' check (applied in ('yes', 'no', 'unknown')),
        primary key (remediation_id, ordinal)
      )`);
    // Two remediations never have the same target at once.
    await runner.query(`
      create table remediation_claims (
        claim text collate "C" primary key,
        remediation_id uuid not null references remediations on delete cascade
      )`);
    await runner.query(`create index remediation_claims_of on remediation_claims (remediation_id)`);

    await runner.query(`
      create table breaker (
        id int primary key check (id = 1),
        state text not null check (state in ('closed', 'open')),
        opened_at timestamptz,
        tripped_at timestamptz,
        reason text,
        checked_targets int not null default 0,
        drifted_targets int not null default 0,
        closed_at timestamptz,
        closed_by text,
        hostname text,
        repository text
      )`);
    await runner.query(`insert into breaker (id, state) values (1, 'closed')`);

    await runner.query(`
      create table remediated_targets (
        hostname text not null,
        repository text collate "C" not null,
        target text collate "C" not null,
        applied_at timestamptz not null,
        relapses int not null default 0,
        counted_for timestamptz,
        stopped_at timestamptz,
        primary key (hostname, repository, target)
      )`);
    await runner.query(`create index remediated_targets_by_age on remediated_targets (applied_at)`);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
