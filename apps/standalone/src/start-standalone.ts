import { join } from 'node:path';
import { startEmbeddedPostgres } from '@terramesh/database';
import { gateway } from '@terramesh/gateway';
import { type MeshLink, openMesh } from '@terramesh/mesh';
import { type Metrics, openMetrics, type ServiceDefinition, startService } from '@terramesh/service';
import type { Installation } from './installation.js';
import { backends } from './services.js';
import { type Decided, loadServiceSettings } from './standalone.settings.js';
import { StartedParts } from './started-parts.js';

export interface Standalone {
  /** Where the API listens. */
  readonly url: string;
  /** In the opposite order of the start: the gateway drains first, Postgres goes last. */
  stop(): Promise<void>;
}

/** Starts every service in this process. When one cannot start, those before it are stopped again. */
export async function startStandalone(installation: Installation): Promise<Standalone> {
  const parts = new StartedParts(installation.logger);
  parts.add('data directory', () => installation.release());
  try {
    const url = await startParts(installation, parts);
    return { url, stop: () => parts.stop() };
  } catch (error) {
    await parts.stop();
    throw error;
  }
}

async function startParts(installation: Installation, parts: StartedParts): Promise<string> {
  const { settings, apiSecret, logger } = installation;
  const databaseUrl = settings.databaseUrl ?? (await startPostgres(installation, parts));
  const decided = { dataDir: settings.dataDir, apiSecret, databaseUrl };
  const metrics = settings.metrics ? await openMetrics() : undefined;
  const link = await openMesh({ url: settings.meshUrl, service: 'standalone', logger, observer: metrics?.observer });
  parts.add('mesh', () => link.close());

  for (const backend of backends) await startPart(backend, { installation, parts, decided, link, metrics });
  let url = '';
  const listening: typeof gateway = {
    ...gateway,
    async start(context) {
      const running = await gateway.start(context);
      url = running.url;
      return running;
    },
  };
  await startPart(listening, { installation, parts, decided, link, metrics });
  return url;
}

async function startPostgres({ settings, logger }: Installation, parts: StartedParts): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir: join(settings.dataDir, 'postgres'), logger });
  parts.add('Postgres', () => postgres.stop());
  return postgres.url;
}

interface Surroundings {
  readonly installation: Installation;
  readonly parts: StartedParts;
  readonly decided: Decided;
  readonly link: MeshLink;
  readonly metrics: Metrics | undefined;
}

async function startPart(definition: ServiceDefinition, surroundings: Surroundings): Promise<void> {
  const { installation, parts, decided, link, metrics } = surroundings;
  const { env, logger } = installation;
  const { stopTimeoutMs } = installation.settings;
  const settings = loadServiceSettings(definition, env, decided);
  const service = await startService(definition, { settings, link, logger, metrics, stopTimeoutMs });
  parts.add(definition.name, () => service.stop());
}
