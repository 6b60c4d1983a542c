// The runs service: its folder and database first, then its handlers, then its worker; stopped the other way round.
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { OutboxRelay, openDatabase } from '@terramesh/database';
import { meshStrategy } from '@terramesh/mesh';
import {
  claimDirectory,
  maskSecrets,
  nestLogger,
  processEnvironment,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
  secretsOf,
  serviceModule,
} from '@terramesh/service';
import { Launcher } from '@terramesh/terraform';
import { Activity } from './activity.js';
import { Git } from './checkout/git.js';
import { Mirrors } from './checkout/mirrors.js';
import { RunsContext } from './context.js';
import { openDataDirectory } from './data-directory.js';
import { LifeCycle } from './life-cycle.js';
import { runsSchema } from './persistence/runs-schema.js';
import { RunsModule } from './runs.module.js';
import { type RunsSettings, runsSettings } from './runs.settings.js';

const maxFetchesAtOnce = 8;
/** The share of a stop that live work gets before it is ended. */
const graceShare = 0.5;

/** Serves the operations of `runs` in the contracts, and does the work. */
export const runsService: ServiceDefinition<typeof runsSettings> = {
  name: 'runs',
  settings: runsSettings,
  module: () => ({ module: RunsModule }),
  start,
};

async function start(service: ServiceContext<RunsSettings>): Promise<RunningService> {
  const { settings, logger, link, readiness } = service;
  const environment = processEnvironment();
  const root = join(settings.dataDir, 'runs');
  const claim = await claimDirectory(root);
  const { folders, hostId } = await openDataDirectory(root);
  const launcher = new Launcher();
  const git = await Git.open({
    directory: join(root, 'git'),
    environment,
    launcher,
    maxNetworkOperations: maxFetchesAtOnce,
  });
  const database = await openDatabase({ ...runsSchema, url: settings.databaseUrl, poolSize: settings.runsPoolSize });
  readiness.add('database', () => database.ping());
  const context = new RunsContext({
    settings,
    database,
    logger,
    environment,
    hostId,
    folders,
    launcher,
    mask: cleaned(maskSecrets([...secretsOf(runsSettings, settings), ...secretValues(environment)])),
    shutdownGraceMs: service.stopTimeoutMs * graceShare,
  });
  const module = serviceModule({ ...runsService, module: () => RunsModule.forContext(context, git) }, service);
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    strategy: meshStrategy(link, runsService.name, { drainTimeoutMs: service.stopTimeoutMs * (1 - graceShare) * 0.8 }),
    logger: nestLogger(logger),
    abortOnError: false,
  });
  await app.init();
  await app.get(Mirrors).cleanUp();
  await app.listen();
  const life = app.get(LifeCycle);
  const relay = app.get(OutboxRelay);
  relay.start();
  await life.start();
  return {
    name: runsService.name,
    ready: () => readiness.report(),
    async stop() {
      // Whoever waits for a run asks again elsewhere.
      app.get(Activity).close();
      await life.stop();
      await app.close();
      await relay.stop();
      await database.close();
      launcher.close();
      await claim.release();
    },
  };
}

/** Colors and cursor movements that provisioners print go first: they could hide a secret from the mask. */
function cleaned(mask: (text: string) => string): (text: string) => string {
  return (text) => mask(text.includes('\u001b') ? stripVTControlCharacters(text) : text);
}

/** What Terraform is given of this process's environment may be printed by it: values that look like secrets are masked. */
function secretValues(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && value.length >= 8 && /SECRET|TOKEN|PASSWORD|PRIVATE|CREDENTIAL|_KEY$/i.test(name)
      ? [value]
      : [],
  );
}
