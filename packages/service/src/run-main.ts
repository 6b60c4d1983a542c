// The whole of a service's `main.ts`: from the environment of the process to its exit code.
import { type MeshLink, openMesh } from '@terramesh/mesh';
import { processEnvironment } from './environment.js';
import { type HealthServer, startHealthServer } from './health-server.js';
import { loadSettings, SettingsError } from './load-settings.js';
import { createLogger, type Logger } from './logger.js';
import { maskSecrets } from './mask-secrets.js';
import { type Metrics, openMetrics } from './metrics.js';
import { processSettings } from './process-settings.js';
import { untilAskedToStop } from './process-signals.js';
import { secretsOf } from './secrets-of.js';
import type { RunningService, ServiceDefinition } from './service-definition.js';
import type { SettingDefinitions, SettingsOf } from './settings.js';
import { startService } from './start-service.js';
import { likelySlips } from './unknown-settings.js';

type ProcessSettings = SettingsOf<typeof processSettings>;

interface Process {
  readonly service: RunningService;
  readonly link: MeshLink;
  readonly health: HealthServer | undefined;
}

/** Runs a service until SIGTERM or SIGINT, then ends the process: 0 after a clean stop, 1 otherwise. */
export async function runMain<D extends SettingDefinitions>(definition: ServiceDefinition<D>): Promise<never> {
  let mask = maskSecrets([]);
  let exitCode = 0;
  try {
    const env = processEnvironment();
    const definitions = { ...definition.settings, ...processSettings };
    const settings = loadSettings(definitions, { env });
    const secrets = secretsOf(definitions, settings);
    mask = maskSecrets(secrets);
    const { logLevel, logFormat } = settings;
    const logger = createLogger({ level: logLevel, format: logFormat, secrets, fields: { service: definition.name } });
    for (const [name, near] of likelySlips(env, definitions)) logger.warn(`${name} is not read; is it ${near}?`);
    const askedToStop = untilAskedToStop(logger);
    // Asked during the start, it just ends: nothing has been accepted yet.
    const running = await Promise.race([start(definition, settings, logger), askedToStop]);
    await askedToStop;
    if (running !== undefined) exitCode = await stop(running, logger);
  } catch (error) {
    process.stderr.write(`${mask(startProblem(definition.name, error))}\n`);
    process.exit(1);
  }
  process.exit(exitCode);
}

async function start<D extends SettingDefinitions>(
  definition: ServiceDefinition<D>,
  settings: SettingsOf<D> & ProcessSettings,
  logger: Logger,
): Promise<Process> {
  const metrics = settings.metrics ? await openMetrics() : undefined;
  const link = await openMesh({
    url: settings.meshUrl,
    service: definition.name,
    logger,
    observer: metrics?.observer,
    connectWithinMs: settings.meshConnectTimeoutMs,
  });
  const service = await startService(definition, {
    settings,
    link,
    logger,
    metrics,
    stopTimeoutMs: settings.stopTimeoutMs,
  });
  const health = service.url === undefined ? await listenForHealth(settings, service, metrics, logger) : undefined;
  return { service, link, health };
}

async function listenForHealth(
  settings: ProcessSettings,
  service: RunningService,
  metrics: Metrics | undefined,
  logger: Logger,
): Promise<HealthServer | undefined> {
  const { healthHost: host, healthPort: port } = settings;
  if (port === 0) return undefined;
  return startHealthServer({ host, port, ready: () => service.ready(), metrics, logger });
}

/** The health port is the last to go: until then it says that this process takes no new work. */
async function stop({ service, link, health }: Process, logger: Logger): Promise<0 | 1> {
  let exitCode: 0 | 1 = 0;
  try {
    await service.stop();
  } catch (error) {
    logger.error({ err: error }, 'the stop failed');
    exitCode = 1;
  }
  await link.close();
  await health?.close();
  return exitCode;
}

function startProblem(name: string, error: unknown): string {
  if (error instanceof SettingsError) return error.message;
  const reason = error instanceof Error ? (error.name === 'AppError' ? error.message : error.stack) : String(error);
  return `terramesh ${name} cannot run: ${reason}`;
}
