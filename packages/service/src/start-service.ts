import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { type MeshLink, meshStrategy } from '@terramesh/mesh';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import { nestLogger } from './nest-logger.js';
import { Readiness } from './readiness.js';
import type { RunningService, ServiceContext, ServiceDefinition } from './service-definition.js';
import { serviceModule } from './service-module.js';
import type { SettingDefinitions, SettingsOf } from './settings.js';
import { within } from './within.js';

export interface StartOptions<S> {
  readonly settings: S;
  readonly link: MeshLink;
  readonly logger: Logger;
  readonly metrics?: Metrics | undefined;
  /** Default 60 s. */
  readonly stopTimeoutMs?: number | undefined;
}

/** Starts a service on a mesh link, which stays the caller's to close. Rejects when it cannot start. */
export async function startService<D extends SettingDefinitions>(
  definition: ServiceDefinition<D>,
  options: StartOptions<SettingsOf<D>>,
): Promise<RunningService> {
  const logger = options.logger.child({ service: definition.name });
  const readiness = new Readiness(logger);
  readiness.add('mesh', () => options.link.ready());
  const context: ServiceContext<SettingsOf<D>> = {
    settings: options.settings,
    link: options.link,
    logger,
    readiness,
    metrics: options.metrics,
    stopTimeoutMs: options.stopTimeoutMs ?? 60_000,
  };
  const running = await (definition.start?.(context) ?? startMicroservice(definition, context));
  logger.info('started');
  return {
    name: definition.name,
    ...(running.url === undefined ? {} : { url: running.url }),
    ready: () => running.ready(),
    stop: once(() => stop(running, context)),
  };
}

async function startMicroservice<D extends SettingDefinitions>(
  definition: ServiceDefinition<D>,
  context: ServiceContext<SettingsOf<D>>,
): Promise<RunningService> {
  // Nest's own hooks run after the handlers: they need a share of the time too.
  const drainTimeoutMs = context.stopTimeoutMs * 0.8;
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(serviceModule(definition, context), {
    strategy: meshStrategy(context.link, definition.name, { drainTimeoutMs }),
    logger: nestLogger(context.logger),
    abortOnError: false,
  });
  await app.listen();
  return { name: definition.name, ready: () => context.readiness.report(), stop: () => app.close() };
}

async function stop<S>(running: RunningService, context: ServiceContext<S>): Promise<void> {
  context.readiness.stopping();
  const end = await within(context.stopTimeoutMs, running.stop());
  if (end === 'done') context.logger.info('stopped');
  else context.logger.warn({ stopTimeoutMs: context.stopTimeoutMs }, 'was stopped before its work was done');
}

function once(work: () => Promise<void>): () => Promise<void> {
  let first: Promise<void> | undefined;
  return () => {
    first ??= work();
    return first;
  };
}
