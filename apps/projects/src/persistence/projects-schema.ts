import { CreateIdentity1764000000001 } from './migrations/0001-identity.js';
import { CreateProjects1764000000002 } from './migrations/0002-projects.js';

/** Everything about this service's Postgres schema, for `openDatabase`. */
export const projectsSchema = {
  schema: 'projects',
  applicationName: 'terramesh-projects',
  entities: [],
  migrations: [CreateIdentity1764000000001, CreateProjects1764000000002],
};
