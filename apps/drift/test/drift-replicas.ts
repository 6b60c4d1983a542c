// Replicas of the real service on the in-process mesh and a database of their own. Nothing polls: a test says when what
// is due is looked at, and moves due times instead of waiting for them.
import 'reflect-metadata';
import { Controller, type INestMicroservice, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import {
  AppError,
  type HandlerResult,
  type ParsedInput,
  type Run,
  RunId,
  repositories,
  runs,
} from '@terramesh/contracts';
import { MeshModule, meshStrategy, openMesh, Serve } from '@terramesh/mesh';
import { createLogger, loadSettings, Readiness, serviceModule } from '@terramesh/service';
import { createTestDatabase } from '@terramesh/testing';
import { DriftContext } from '../src/context.js';
import { drift } from '../src/drift.js';
import { finishedRun } from './finished-runs.js';

const logger = createLogger({ level: 'silent' });

/** What the services around drift answer, and what they were asked. */
export interface Around {
  refuse: AppError | undefined;
  readonly starts: ParsedInput<typeof runs.start>[];
  readonly cancels: string[];
  /** Each is one call that fails, in this order. */
  readonly outages: ('start' | 'cancel')[];
  /** Finished runs that nobody is told of. */
  readonly finished: Map<string, FinishedRun>;
}

export interface FinishedRun {
  /** `withheld`: whoever asks for it gets an error. */
  readonly state?: 'withheld';
  readonly run: Run;
  readonly drift: HandlerResult<typeof runs.drift>['executions'];
  readonly texts?: HandlerResult<typeof runs.results>['pieces'];
}

export interface Replica {
  get<T>(token: Type<T>): T;
}

export interface DriftReplicas {
  readonly around: Around;
  add(): Promise<Replica>;
  sql<Row>(text: string, parameters?: unknown[]): Promise<Row[]>;
  stop(): Promise<void>;
}

export async function startDriftReplicas(settings: Readonly<Record<string, string>> = {}): Promise<DriftReplicas> {
  const database = await createTestDatabase();
  const link = await openMesh({ url: 'inproc:', logger });
  const around: Around = { refuse: undefined, starts: [], cancels: [], outages: [], finished: new Map() };
  const apps: INestMicroservice[] = [];
  for (const controller of standIns(around)) {
    class StandIn {}
    const module = { module: StandIn, imports: [MeshModule.forRoot(link, 'test')], controllers: [controller] };
    const app = await NestFactory.createMicroservice(module, { strategy: meshStrategy(link, 'test'), logger: false });
    await app.listen();
    apps.push(app);
  }
  const env = { DATABASE_URL: database.url, TERRAMESH_DRIFT_DETECTION: 'true', ...settings };
  const add = async () => {
    const app = await NestFactory.createMicroservice(
      serviceModule(drift, {
        settings: loadSettings(drift.settings, { env }),
        link,
        logger,
        readiness: new Readiness(logger),
        metrics: undefined,
        stopTimeoutMs: 10_000,
      }),
      { strategy: meshStrategy(link, 'drift'), logger: false, abortOnError: false },
    );
    apps.push(app);
    return { get: <T>(token: Type<T>) => app.get(token, { strict: false }) };
  };
  const first = await add();
  return {
    around,
    add,
    sql: (text, parameters = []) => first.get(DriftContext).manager.query(text, parameters),
    async stop() {
      for (const app of apps.reverse()) await app.close();
      await link.close();
      await database.drop();
    },
  };
}

function standIns(around: Around): (new () => object)[] {
  const finished = (runId: string) => {
    const found = around.finished.get(runId);
    if (found === undefined) throw new AppError('NOT_FOUND', `there is no run ${runId}`);
    return found;
  };
  @Controller()
  class Projects {
    @Serve(repositories.admit)
    admit({ repository }: ParsedInput<typeof repositories.admit>): HandlerResult<typeof repositories.admit> {
      if (around.refuse !== undefined) throw around.refuse;
      return { hostname: 'github.com', repository, cloneUrl: 'https://github.com/acme/infra.git' };
    }
  }
  const started = new Map<string, RunId>();
  @Controller()
  class Runs {
    @Serve(runs.start)
    start(request: ParsedInput<typeof runs.start>): HandlerResult<typeof runs.start> {
      if (around.outages[0] === 'start') throw new AppError('UNAVAILABLE', `no ${around.outages.shift()} now`);
      around.starts.push(request);
      const key = request.idempotencyKey ?? `start ${around.starts.length}`;
      const first = started.get(key);
      if (first !== undefined) return { runId: first, replayed: true };
      const runId = RunId.parse(
        `run-${String(started.size + 1)
          .padStart(16, '1')
          .replaceAll('0', 'z')}`,
      );
      started.set(key, runId);
      return { runId, replayed: false };
    }
    @Serve(runs.cancel)
    cancel({ runId }: ParsedInput<typeof runs.cancel>): HandlerResult<typeof runs.cancel> {
      around.cancels.push(runId);
      if (around.outages[0] === 'cancel') throw new AppError('CONFLICT', `no ${around.outages.shift()} now`);
      return finishedRun({ at: 0, seen: [], id: runId }).run;
    }
    @Serve(runs.results)
    results({ runId, cursor }: ParsedInput<typeof runs.results>): HandlerResult<typeof runs.results> {
      const { texts = [] } = finished(runId);
      const at = Number(cursor ?? 0);
      return { pieces: texts.slice(at, at + 1), next: at + 1 < texts.length ? String(at + 1) : null };
    }
    @Serve(runs.get)
    get({ runId }: ParsedInput<typeof runs.get>): HandlerResult<typeof runs.get> {
      const { run, state } = finished(runId);
      if (state === 'withheld') throw new AppError('CONFLICT', 'not now');
      return run;
    }
    @Serve(runs.wait)
    wait({ runId }: ParsedInput<typeof runs.wait>): HandlerResult<typeof runs.wait> {
      return finished(runId).run;
    }
    @Serve(runs.drift)
    drift({ runId }: ParsedInput<typeof runs.drift>): HandlerResult<typeof runs.drift> {
      return { executions: finished(runId).drift, next: null };
    }
    @Serve(runs.listFinished)
    listFinished(): HandlerResult<typeof runs.listFinished> {
      return { runs: [...around.finished.values()].map(({ run }) => run), next: null };
    }
  }
  return [Projects, Runs];
}
