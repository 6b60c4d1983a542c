import type { Database } from '@terramesh/database';

/** The class token under which `Database` is injected. */
export abstract class LocksDatabase {
  abstract readonly dataSource: Database['dataSource'];
  abstract readonly transaction: Database['transaction'];
  abstract readonly ping: Database['ping'];
  abstract readonly close: Database['close'];
}
