// A service beside others in one process, as standalone runs them.

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { Controller, Inject, Injectable, Module, type OnApplicationShutdown } from '@nestjs/common';
import { AppError, operation } from '@terramesh/contracts';
import { Mesh, type MeshLink, openMesh, Serve } from '@terramesh/mesh';
import { until } from '@terramesh/testing';
import { z } from 'zod';
import {
  createLogger,
  defineSettings,
  LOGGER,
  type Logger,
  Readiness,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
  type SettingsOf,
  setting,
  startService,
} from '../src/index.js';

const say = operation({
  subject: 'echo.say',
  input: z.object({ text: z.string() }),
  output: z.object({ text: z.string() }),
});

const settings = defineSettings({
  suffix: setting({ env: 'TERRAMESH_SUFFIX', schema: z.string(), default: '!', description: 'What comes after.' }),
});
type Settings = SettingsOf<typeof settings>;

const SUFFIX = Symbol('suffix');
const events: string[] = [];
let gate: Promise<void>;
let openGate: () => void;
let link: MeshLink;
let running: RunningService[];

beforeEach(async () => {
  events.length = 0;
  running = [];
  gate = new Promise((resolve) => {
    openGate = resolve;
  });
  link = await openMesh({ url: 'inproc:', logger });
});
afterEach(async () => {
  openGate();
  await Promise.all(running.map((service) => service.stop()));
  await link.close();
});

@Injectable()
class Closing implements OnApplicationShutdown {
  onApplicationShutdown(): void {
    events.push('closed');
  }
}

@Controller()
class EchoController {
  constructor(
    @Inject(SUFFIX) private readonly suffix: string,
    @Inject(LOGGER) private readonly log: Logger,
    readiness: Readiness,
  ) {
    readiness.add('echo', async () => {
      if (events.includes('deaf')) throw new AppError('UNAVAILABLE', 'cannot hear');
    });
  }

  @Serve(say)
  async say({ text }: { text: string }): Promise<{ text: string }> {
    events.push('asked');
    await gate;
    this.log.info('answered');
    events.push('answered');
    return { text: text + this.suffix };
  }
}

@Module({})
class EchoModule {}

const lines: string[] = [];
const logger = createLogger({ level: 'info', write: (line) => lines.push(line) });

const echo: ServiceDefinition<typeof settings> = {
  name: 'echo',
  settings,
  module: (context: ServiceContext<Settings>) => ({
    module: EchoModule,
    controllers: [EchoController],
    providers: [Closing, { provide: SUFFIX, useValue: context.settings.suffix }],
  }),
};

async function start(stopTimeoutMs?: number): Promise<RunningService> {
  const service = await startService(echo, { settings: { suffix: '?' }, link, logger, stopTimeoutMs });
  running.push(service);
  return service;
}

test('its operations are served, with its settings and what can be injected', async () => {
  const service = await start();
  openGate();
  expect(await new Mesh(link, 'test').call(say, { text: 'hi' })).toEqual({ text: 'hi?' });
  expect(service.name).toBe('echo');
  expect(lines.map((line) => JSON.parse(line))).toContainEqual(
    expect.objectContaining({ service: 'echo', msg: 'answered', requestId: expect.any(String) }),
  );
});

test('it is ready when all of its checks pass', async () => {
  const service = await start();
  expect(await service.ready()).toEqual({ status: 'ok' });
  events.push('deaf');
  expect(await service.ready()).toEqual({ status: 'error', error: 'echo: cannot hear' });
});

test('a stop answers what is in flight before it closes anything, and says at once that it stops', async () => {
  const service = await start();
  const call = new Mesh(link, 'test').call(say, { text: 'hi' });
  await until(() => events.includes('asked'));
  const stopped = service.stop();
  expect(await service.ready()).toEqual({ status: 'error', error: 'shutting down' });
  openGate();
  expect(await call).toEqual({ text: 'hi?' });
  await stopped;
  expect(events).toEqual(['asked', 'answered', 'closed']);
  await link.ready();
});

test('a stop is over after its time', async () => {
  const service = await start(200);
  const call = new Mesh(link, 'test').call(say, { text: 'hi' }, { timeoutMs: 2_000 });
  await until(() => events.includes('asked'));
  await service.stop();
  openGate();
  await call;
});

test('a service that cannot start rejects, and the process lives', async () => {
  const broken: ServiceDefinition = {
    name: 'broken',
    settings: {},
    module: () => ({
      module: EchoModule,
      providers: [{ provide: 'x', useFactory: () => Promise.reject(new Error('no')) }],
    }),
  };
  await expect(startService(broken, { settings: {}, link, logger })).rejects.toThrow('no');
});

test('a service may start in its own way', async () => {
  const own: ServiceDefinition = {
    name: 'own',
    settings: {},
    module: () => ({ module: EchoModule }),
    start: async ({ readiness, logger: log }) => ({
      name: 'own',
      url: 'http://127.0.0.1:1',
      ready: () => readiness.report(),
      stop: async () => {
        log.info('own stop');
        events.push('own stop');
      },
    }),
  };
  const service = await startService(own, { settings: {}, link, logger });
  expect(service).toMatchObject({ name: 'own', url: 'http://127.0.0.1:1' });
  expect(await service.ready()).toEqual({ status: 'ok' });
  await Promise.all([service.stop(), service.stop()]);
  expect(events).toEqual(['own stop']);
});
