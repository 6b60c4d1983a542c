// A gateway on a free port, in front of stand-ins on an in-process mesh.
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { type MeshLink, meshStrategy, openMesh } from '@terramesh/mesh';
import { createLogger, loadSettings, openMetrics, Readiness } from '@terramesh/service';
import { gateway, type RunningGateway } from '../../src/index.js';
import { LocksStandIn, LocksStandInController } from './locks.js';
import { ProjectsStandIn, ProjectsStandInController } from './projects.js';
import { RunsStandIn, RunsStandInController } from './runs.js';

export const token = 'correct horse';

export interface World {
  readonly gateway: RunningGateway;
  readonly runs: RunsStandIn;
  readonly locks: LocksStandIn;
  readonly projects: ProjectsStandIn;
  /** Every line that the gateway logged. */
  readonly logged: string[];
  readonly readiness: Readiness;
  /** Without the token. */
  fetch(path: string, init?: RequestInit): Promise<Response>;
  /** With the token. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  post(path: string, body: unknown, headers?: Record<string, string>): Promise<Response>;
  stopRuns(): Promise<void>;
  startRuns(): Promise<void>;
  stop(): Promise<void>;
}

export interface WorldOptions {
  readonly env?: Record<string, string>;
  readonly stopTimeoutMs?: number;
  readonly metrics?: 'on' | 'off';
}

export async function openWorld({
  env = {},
  stopTimeoutMs = 5_000,
  metrics: wanted = 'off',
}: WorldOptions = {}): Promise<World> {
  const logged: string[] = [];
  const runs = new RunsStandIn();
  const logger = createLogger({
    level: 'debug',
    write: (line) => {
      logged.push(line);
      runs.changes.emit('change');
    },
  });
  const link = await openMesh({ url: 'inproc:', logger });
  const locks = new LocksStandIn();
  const startRuns = () => startStandIn(link, 'runs', RunsStandInController, { provide: RunsStandIn, useValue: runs });
  let runsApp = await startRuns();
  const locksApp = await startStandIn(link, 'locks', LocksStandInController, {
    provide: LocksStandIn,
    useValue: locks,
  });

  const projects = new ProjectsStandIn();
  const projectsApp = await startStandIn(link, 'projects', ProjectsStandInController, {
    provide: ProjectsStandIn,
    useValue: projects,
  });

  const settings = loadSettings(gateway.settings, {
    env: { TERRAMESH_PORT: '0', TERRAMESH_HOST: '127.0.0.1', TERRAMESH_API_SECRET: token, ...env },
  });
  const readiness = new Readiness(logger);
  const metrics = wanted === 'on' ? await openMetrics() : undefined;
  const running = await gateway.start({ settings, link, logger, readiness, metrics, stopTimeoutMs });
  const fetchFrom = (path: string, init?: RequestInit) => fetch(`${running.url}${path}`, init);
  const ask = (path: string, init: RequestInit = {}) =>
    fetchFrom(path, { ...init, headers: { 'X-Atlantis-Token': token, ...init.headers } });
  return {
    gateway: running,
    runs,
    locks,
    projects,
    logged,
    readiness,
    fetch: fetchFrom,
    ask,
    post: (path, body, headers = {}) => ask(path, { method: 'POST', body: JSON.stringify(body), headers }),
    stopRuns: () => runsApp.close(),
    startRuns: async () => {
      runsApp = await startRuns();
    },
    stop: async () => {
      await running.stop();
      await runsApp.close();
      await locksApp.close();
      await projectsApp.close();
      await link.close();
    },
  };
}

async function startStandIn(
  link: MeshLink,
  name: string,
  controller: new (...parts: never[]) => object,
  provider: { provide: new () => object; useValue: object },
) {
  @Module({ controllers: [controller], providers: [provider] })
  class StandInModule {}
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(StandInModule, {
    strategy: meshStrategy(link, name, { drainTimeoutMs: 100 }),
    logger: false,
  });
  await app.listen();
  return app;
}
