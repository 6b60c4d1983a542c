// Starts the real service on the in-process mesh and a database of its own, as often as a test wants.
import 'reflect-metadata';
import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { LockHolder, LockKey } from '@terramesh/contracts';
import { Mesh, type MeshLink, MeshModule, meshStrategy, openMesh } from '@terramesh/mesh';
import { createLogger, Readiness, serviceModule } from '@terramesh/service';
import { createTestDatabase, type TestDatabase } from '@terramesh/testing';
import { locks } from '../src/locks.js';

const logger = createLogger({ level: 'silent' });
const timeoutMs = 30_000;

export interface RunningLocks {
  readonly mesh: Mesh;
  readonly database: TestDatabase;
  /** Starts one more replica on the same database. */
  addReplica(): Promise<INestMicroservice>;
  /** Serves another service's operations, or hears events, with a controller. */
  addService(name: string, controller: new () => object): Promise<void>;
  stop(): Promise<void>;
}

export async function startLocks(given?: TestDatabase): Promise<RunningLocks> {
  const database = given ?? (await createTestDatabase());
  const link = await openMesh({ url: 'inproc:', logger });
  const apps: INestMicroservice[] = [];
  const listen = async (app: INestMicroservice) => {
    await app.listen();
    apps.push(app);
    return app;
  };
  return {
    mesh: new Mesh(link, 'test'),
    database,
    addReplica: async () => listen(await createReplica(link, database.url)),
    addService: async (name, controller) => {
      class ServiceModule {}
      const module = { module: ServiceModule, imports: [MeshModule.forRoot(link, name)], controllers: [controller] };
      await listen(await NestFactory.createMicroservice(module, { strategy: meshStrategy(link, name), logger: false }));
    },
    async stop() {
      await Promise.all(apps.map((app) => app.close()));
      await link.close();
      await database.drop();
    },
  };
}

function createReplica(link: MeshLink, databaseUrl: string): Promise<INestMicroservice> {
  const context = {
    settings: { databaseUrl, locksPoolSize: 10, locksSweepIntervalMs: 3_600_000 },
    link,
    logger,
    readiness: new Readiness(logger),
    metrics: undefined,
    stopTimeoutMs: timeoutMs,
  };
  return NestFactory.createMicroservice(serviceModule(locks, context), {
    strategy: meshStrategy(link, locks.name),
    logger: false,
    abortOnError: false,
  });
}

export const keyOf = (directory: string, more: Partial<LockKey> = {}): LockKey => ({
  hostname: 'github.com',
  repository: 'acme/infra',
  directory,
  terraformWorkspace: 'default',
  name: '',
  ...more,
});
export const run = (runId: string, pull: number | null = null): LockHolder => ({ kind: 'run', runId, pull });
export const pull = (number: number): LockHolder => ({ kind: 'pull', pull: number });
