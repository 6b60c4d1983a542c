import { outboxMigration } from '@terramesh/database';
import { ExecutionEntity } from './execution.entity.js';
import { Runs1732233600000 } from './migrations/0001-runs.js';
import { Drift1732320000000 } from './migrations/0002-drift.js';
import { TargetRuns1732400000000 } from './migrations/0003-target-runs.js';
import { RunEntity } from './run.entity.js';

const schema = 'runs';

/** What `openDatabase` needs to know of this service. */
export const runsSchema = {
  schema,
  entities: [RunEntity, ExecutionEntity],
  migrations: [outboxMigration(schema), Runs1732233600000, Drift1732320000000, TargetRuns1732400000000],
  applicationName: 'terramesh-runs',
};
