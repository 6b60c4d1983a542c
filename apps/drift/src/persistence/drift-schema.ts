import { Records1764000000000 } from './migrations/0001-records.js';
import { Remediations1764000000002 } from './migrations/0002-remediations.js';
import { SchedulesAndTelling1764000000003 } from './migrations/0003-schedules-and-telling.js';

const schema = 'drift';

/** What `openDatabase` needs to know of this service. */
export const driftSchema = {
  schema,
  entities: [],
  migrations: [Records1764000000000, Remediations1764000000002, SchedulesAndTelling1764000000003],
  applicationName: 'terramesh-drift',
};
