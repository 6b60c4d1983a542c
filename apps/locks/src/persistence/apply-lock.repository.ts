import { Injectable } from '@nestjs/common';
import { ApplyLockEntity } from './apply-lock.entity.js';
import { LocksDatabase } from './locks-database.js';

@Injectable()
export class ApplyLockRepository {
  constructor(private readonly database: LocksDatabase) {}

  /** Null when it is not set. */
  async getSince(): Promise<Date | null> {
    const { since } = await this.database.dataSource.manager.findOneByOrFail(ApplyLockEntity, { id: 1 });
    return since;
  }

  /** Keeps the time of whoever set it first. */
  async set(): Promise<Date> {
    const [[row]] = await this.database.dataSource.query<[[{ since: Date }]]>(
      'update apply_lock set since = coalesce(since, now()) where id = 1 returning since',
    );
    return row.since;
  }

  async clear(): Promise<void> {
    await this.database.dataSource.manager.update(ApplyLockEntity, { id: 1 }, { since: null });
  }
}
