import { CreateIdentity1764000000001 } from './migrations/0001-identity.js';

/** Everything about this service's Postgres schema, for `openDatabase`. */
export const projectsSchema = {
  schema: 'projects',
  applicationName: 'terramesh-projects',
  entities: [],
  migrations: [CreateIdentity1764000000001],
};
