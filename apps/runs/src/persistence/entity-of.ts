import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

/** What a `select *` finds. For the reads of every run: TypeORM spends more on building such a query than Postgres on it. */
export async function findRows<Entity extends ObjectLiteral>(
  tx: EntityManager,
  target: EntityTarget<Entity>,
  query: { sql: string; values: unknown[] },
): Promise<Entity[]> {
  const rows = await tx.query<Record<string, unknown>[]>(query.sql, query.values);
  return rows.map((row) => entityOf(tx, target, row));
}

/** The entity in a row of `returning *`: what an update took need not be read again. */
export function entityOf<Entity extends ObjectLiteral>(
  tx: EntityManager,
  target: EntityTarget<Entity>,
  row: Record<string, unknown>,
): Entity {
  const { dataSource } = tx;
  const entity = tx.create(target);
  for (const column of dataSource.getMetadata(target).columns)
    column.setEntityValue(entity, dataSource.driver.prepareHydratedValue(row[column.databaseName], column));
  return entity;
}
