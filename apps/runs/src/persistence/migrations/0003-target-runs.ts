import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The runs of one target, newest first. `queued_at` would not do: it is set anew when a lock is granted. */
export class TargetRuns1732400000000 implements MigrationInterface {
  name = 'TargetRuns1732400000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      alter table execution add column created_at timestamptz;
      update execution set created_at = (select run.created_at from run where run.id = run_id);
      alter table execution alter column created_at set default now(), alter column created_at set not null;
      create index execution_of_target
        on execution (repository_key, directory, terraform_workspace, created_at desc, id desc);
    `);
  }

  async down(): Promise<void> {
    throw new Error('migrations are forward-only');
  }
}
