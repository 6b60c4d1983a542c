import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Records1764000000000 implements MigrationInterface {
  readonly name = 'Records1764000000000';

  async up(_runner: QueryRunner): Promise<void> {}

  async down(): Promise<void> {
    throw new Error('migrations only go forward');
  }
}
