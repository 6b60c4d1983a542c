import type { Database } from '@terramesh/database';

/** The class token under which this service's `Database` is injected. */
export abstract class ProjectsDatabase implements Database {
  abstract readonly dataSource: Database['dataSource'];
  abstract readonly schema: Database['schema'];
  abstract transaction: Database['transaction'];
  abstract ping: Database['ping'];
  abstract onAnnounced: Database['onAnnounced'];
  abstract close: Database['close'];
}
