import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Records1764000000000 implements MigrationInterface {
  readonly name = 'Records1764000000000';

  async up(runner: QueryRunner): Promise<void> {
    // One target on one ref. `told_…` is what people were last told of; null: they believe that there is no drift.
    await runner.query(`
      create table records (
        id uuid primary key default gen_random_uuid(),
        type text not null,
        hostname text collate "C" not null,
        repository text collate "C" not null,
        ref text collate "C" not null,
        directory text collate "C" not null,
        terraform_workspace text collate "C" not null,
        name text collate "C" not null,
        status text not null check (status in ('new', 'changed', 'known', 'resolved', 'in_sync', 'unchecked')),
        counts jsonb,
        has_drift boolean not null,
        changes jsonb not null,
        truncated boolean not null,
        raw_fingerprint text,
        fingerprint text,
        told_raw_fingerprint text,
        told_fingerprint text,
        commit text,
        run_id text,
        last_checked_at timestamptz,
        first_seen_at timestamptz,
        last_seen_at timestamptz,
        resolved_at timestamptz,
        error text,
        failing_since timestamptz,
        last_failed_at timestamptz,
        failure_told boolean not null,
        gone_at timestamptz,
        owner text,
        acknowledged jsonb,
        snoozed_until timestamptz,
        check (has_drift = (raw_fingerprint is not null)),
        check ((status = 'unchecked') = (counts is null)),
        check ((error is null) = (failing_since is null))
      )`);
    await runner.query(`
      create unique index records_key
        on records (lower(repository), hostname, ref, directory, terraform_workspace, name)`);
    await runner.query(`create index records_age on records (greatest(last_checked_at, last_failed_at))`);

    await runner.query(`
      create table record_events (
        id bigint generated always as identity primary key,
        record_id uuid not null references records on delete cascade,
        at timestamptz not null,
        kind text not null,
        run_id text,
        commit text,
        counts jsonb,
        detail text not null
      )`);
    await runner.query(`create index record_events_newest on record_events (record_id, id desc)`);

    // A ref that could not be looked at as a whole: not cloned, not resolved.
    await runner.query(`
      create table failing_refs (
        hostname text not null,
        repository text not null,
        ref text not null,
        error text not null,
        failing_since timestamptz not null
      )`);
    await runner.query(`create unique index failing_refs_key on failing_refs (lower(repository), hostname, ref)`);

    await runner.query(`
      create table recorded_runs (run_id text primary key, recorded_at timestamptz not null default now())`);
    await runner.query(`create index recorded_runs_age on recorded_runs (recorded_at)`);
    await runner.query(`
      create table sweeps (
        name text primary key,
        begun_at timestamptz not null default '-infinity',
        swept_until timestamptz not null default now()
      )`);
    await runner.query(`insert into sweeps (name) values ('finished-runs'), ('housekeeping')`);

    await runner.query(`
      create table detections (
        id uuid primary key default gen_random_uuid(),
        number bigint generated always as identity unique,
        type text not null,
        hostname text not null,
        repository text not null,
        ref text not null,
        projects jsonb not null,
        paths jsonb not null,
        user_name text not null,
        schedule_id uuid,
        follow_up text not null check (follow_up in ('nothing', 'plan', 'apply')),
        status text not null check (status in ('pending', 'running', 'success', 'partial', 'failed')),
        run_id text,
        commit text,
        error text,
        started_at timestamptz not null default now(),
        completed_at timestamptz,
        looked_at timestamptz not null default now(),
        total_targets int not null default 0,
        drifted_targets int not null default 0,
        failed_targets int not null default 0,
        idempotency_key text,
        request_hash text not null,
        check ((completed_at is null) = (status in ('pending', 'running')))
      )`);
    await runner.query(
      `create unique index detections_idempotency_key on detections (idempotency_key) where idempotency_key is not null`,
    );
    await runner.query(`create unique index detections_run on detections (run_id) where run_id is not null`);
    await runner.query(`create index detections_unfinished on detections (looked_at) where completed_at is null`);
    await runner.query(`create index detections_by_end on detections (completed_at)`);
    await runner.query(`create index detections_of_ref on detections (hostname, lower(repository), ref, number desc)`);
    await runner.query(`create index detections_of_repository on detections (lower(repository), number desc)`);
    await runner.query(`
      create table detection_targets (
        detection_id uuid not null references detections on delete cascade,
        ordinal int not null,
        target jsonb not null,
        counts jsonb,
        error text,
        checked_at timestamptz not null,
        primary key (detection_id, ordinal)
      )`);

    await runner.query(`
      create table ignore_rules (
        id uuid primary key default gen_random_uuid(),
        number bigint generated always as identity unique,
        repository text not null,
        address text not null,
        attribute text,
        reason text not null,
        owner text not null,
        expires_at timestamptz,
        created_at timestamptz not null default now(),
        updated_at timestamptz not null default now()
      )`);
  }

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
