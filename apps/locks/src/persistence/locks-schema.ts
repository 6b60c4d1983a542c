import { outboxMigration } from '@terramesh/database';
import { ApplyLockEntity } from './apply-lock.entity.js';
import { ClaimEntity } from './claim.entity.js';
import { CreateLocks1763800000000 } from './create-locks.migration.js';
import { CreateLockChanges1764100000000 } from './lock-changes.migration.js';
import { CreatePersonLocks1764000000000 } from './person-locks.migration.js';

/** Everything about this service's Postgres schema, for `openDatabase`. */
export const locksSchema = {
  schema: 'locks',
  applicationName: 'terramesh-locks',
  entities: [ClaimEntity, ApplyLockEntity],
  migrations: [
    outboxMigration('locks'),
    CreateLocks1763800000000,
    CreatePersonLocks1764000000000,
    CreateLockChanges1764100000000,
  ],
};
