import { type DynamicModule, Module } from '@nestjs/common';
import { openDatabase } from '@terramesh/database';
import { Mesh } from '@terramesh/mesh';
import type { ServiceContext } from '@terramesh/service';
import { AcquireLocks } from './acquire-locks.js';
import { DeleteLock } from './delete-lock.js';
import { Doorbell } from './doorbell.js';
import { EventRelay } from './event-relay.js';
import { FindLock } from './find-lock.js';
import { GlobalApplyLock } from './global-apply-lock.js';
import { GuardLock } from './guard-lock.js';
import { LeaveLines } from './leave-lines.js';
import { ListChanges } from './list-changes.js';
import { ListLocks } from './list-locks.js';
import { LockWorkspace } from './lock-workspace.js';
import { LocksController } from './locks.controller.js';
import type { LocksSettings } from './locks.settings.js';
import { PeopleController } from './people.controller.js';
import { ApplyLockRepository } from './persistence/apply-lock.repository.js';
import { ClaimRepository } from './persistence/claim.repository.js';
import { HoldingRepository } from './persistence/holding.repository.js';
import { LockChangeRepository } from './persistence/lock-change.repository.js';
import { LocksDatabase } from './persistence/locks-database.js';
import { locksSchema } from './persistence/locks-schema.js';
import { PersonLockRepository } from './persistence/person-lock.repository.js';
import { SweepRepository } from './persistence/sweep.repository.js';
import { ReleaseLocks } from './release-locks.js';
import { SweepLocks } from './sweep-locks.js';
import { SweepPersonLocks } from './sweep-person-locks.js';
import { Sweeper } from './sweeper.js';
import { TakeOverLock } from './take-over-lock.js';
import { WorkspaceLocksController } from './workspace-locks.controller.js';

const useCases = [
  AcquireLocks,
  DeleteLock,
  FindLock,
  GlobalApplyLock,
  GuardLock,
  LeaveLines,
  ListChanges,
  ListLocks,
  LockWorkspace,
  ReleaseLocks,
  SweepLocks,
  SweepPersonLocks,
  TakeOverLock,
];
const repositories = [
  ApplyLockRepository,
  ClaimRepository,
  HoldingRepository,
  LockChangeRepository,
  PersonLockRepository,
  SweepRepository,
];

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the shape of a Nest dynamic module
export class LocksModule {
  static forContext({ settings, logger, readiness }: ServiceContext<LocksSettings>): DynamicModule {
    return {
      module: LocksModule,
      controllers: [LocksController, PeopleController, WorkspaceLocksController],
      providers: [
        ...useCases,
        ...repositories,
        {
          provide: LocksDatabase,
          useFactory: async () => {
            const { databaseUrl: url, locksPoolSize: poolSize } = settings;
            const database = await openDatabase({ ...locksSchema, url, poolSize });
            readiness.add('database', () => database.ping());
            return database;
          },
        },
        {
          provide: Doorbell,
          inject: [Mesh],
          useFactory: (mesh: Mesh) =>
            new Doorbell(mesh, (err) => logger.warn({ err }, 'waiting runs were not told of a change')),
        },
        {
          provide: EventRelay,
          inject: [LocksDatabase, Mesh],
          useFactory: (database: LocksDatabase, mesh: Mesh) => new EventRelay(database, mesh, logger),
        },
        {
          provide: Sweeper,
          inject: [SweepRepository, SweepLocks, SweepPersonLocks, LockChangeRepository],
          useFactory: (
            sweeps: SweepRepository,
            sweepLocks: SweepLocks,
            sweepPersonLocks: SweepPersonLocks,
            changes: LockChangeRepository,
          ) =>
            new Sweeper(
              { sweeps, sweepLocks, sweepPersonLocks, changes },
              { intervalMs: settings.locksSweepIntervalMs, logger },
            ),
        },
      ],
      exports: [SweepLocks],
    };
  }
}
