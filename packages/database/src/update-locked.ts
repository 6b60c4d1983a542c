// The one way to change a row: lock it, decide, save.
import { isDeepStrictEqual } from 'node:util';
import type { EntityManager, EntityTarget, FindOptionsWhere, ObjectLiteral } from 'typeorm';
import type { QueryDeepPartialEntity } from 'typeorm/query-builder/QueryPartialEntity.js';

/**
 * Locks the one row that `where` names until the transaction ends, and saves what `change` returns: the columns that
 * differ, nothing when none does. `change` is pure; the row it gets is frozen. Resolves to the row as it is now, or to
 * undefined when there is none.
 */
export async function updateLocked<E extends ObjectLiteral>(
  tx: EntityManager,
  entity: EntityTarget<E>,
  where: FindOptionsWhere<E>,
  change: (row: Readonly<E>) => Partial<E>,
): Promise<E | undefined> {
  const row = await tx.findOne(entity, { where, lock: { mode: 'pessimistic_write' }, loadEagerRelations: false });
  if (row === null) return undefined;
  const patch = differing(Object.freeze(row), change(row));
  if (Object.keys(patch).length > 0) {
    const id = tx.dataSource.getMetadata(entity).getEntityIdMap(row) as FindOptionsWhere<E>;
    await tx.update(entity, id, patch as QueryDeepPartialEntity<E>);
  }
  return Object.assign(Object.create(Object.getPrototypeOf(row)), row, patch);
}

function differing<E extends ObjectLiteral>(row: Readonly<E>, wanted: Partial<E>): Partial<E> {
  const changed = Object.entries(wanted).filter(([key, value]) => {
    return value !== undefined && !isDeepStrictEqual(value, row[key]);
  });
  return Object.fromEntries(changed) as Partial<E>;
}
