import { outboxMigration } from '@terramesh/database';
import { Records1764000000000 } from './migrations/0001-records.js';

const schema = 'drift';

/** What `openDatabase` needs to know of this service. */
export const driftSchema = {
  schema,
  entities: [],
  migrations: [outboxMigration(schema), Records1764000000000],
  applicationName: 'terramesh-drift',
};
