import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

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
