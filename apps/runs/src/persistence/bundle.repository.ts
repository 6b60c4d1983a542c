import { AppError } from '@terramesh/contracts';
import type { DataSource, EntityManager } from 'typeorm';
import { type Bundle, type BundleStore, packBundle, unpackBundle } from '../store/bundle.js';
import { seal, unseal } from '../store/sealed.js';

/** Plan bundles in the database, next to the rows that name them. */
export class PostgresBundleStore implements BundleStore<EntityManager> {
  constructor(
    private readonly dataSource: DataSource,
    private readonly key: Buffer | null,
  ) {}

  async put(tx: EntityManager, executionId: string, bundle: Bundle): Promise<string> {
    const { id, content } = packBundle(bundle);
    await tx.query(
      `insert into bundle (id, execution_id, meta, content) values ($1, $2, $3, $4) on conflict do nothing`,
      [id, executionId, bundle.meta, seal(this.key, content)],
    );
    return id;
  }

  async get(executionId: string, id: string): Promise<Bundle> {
    const [row] = await this.dataSource.query<{ content: Buffer }[]>(
      `select content from bundle where execution_id = $1 and id = $2`,
      [executionId, id],
    );
    if (row === undefined) throw new AppError('CONFLICT', 'the plan was discarded: plan again');
    return unpackBundle(id, unseal(this.key, row.content));
  }

  async discard(tx: EntityManager, executionId: string): Promise<void> {
    await tx.query(`delete from bundle where execution_id = $1`, [executionId]);
  }
}

/** Plans of finished runs are kept this many days, then their content goes. */
export async function deleteOldBundles(tx: EntityManager, olderThanDays: number): Promise<void> {
  await tx.query(
    `delete from bundle where created_at < now() - make_interval(days => $1)
       and execution_id in (select id from execution where finished_at is not null)`,
    [olderThanDays],
  );
}
