import { join } from 'node:path';
import { startEmbeddedPostgres } from '@terramesh/database';
import { openMesh } from '@terramesh/mesh';
import { printFirstToken, projects, projectsShowing } from '@terramesh/projects';
import { openMetrics, startService } from '@terramesh/service';
import type { Installation } from './installation.js';
import { services } from './services.js';
import { loadServiceSettings } from './standalone.settings.js';
import { StartedParts } from './started-parts.js';

export interface Standalone {
  /** Where the API listens. */
  readonly url: string;
  /** Of the first administrator, when this start made it; to be shown once. */
  readonly firstToken: string | undefined;
  /** In the opposite order of the start: the gateway drains first, Postgres goes last. */
  stop(): Promise<void>;
}

interface FirstToken {
  token: string | undefined;
}

/** Starts every service in this process. When one cannot start, those before it are stopped again. */
export async function startStandalone(installation: Installation): Promise<Standalone> {
  const parts = new StartedParts(installation.logger);
  const first: FirstToken = { token: undefined };
  parts.add('data directory', () => installation.release());
  try {
    const url = await startParts(installation, parts, first);
    return { url, firstToken: first.token, stop: () => parts.stop() };
  } catch (error) {
    // It is made only once, and nobody will come to greet.
    if (first.token !== undefined) printFirstToken(first.token);
    await parts.stop();
    throw error;
  }
}

async function startParts(installation: Installation, parts: StartedParts, first: FirstToken): Promise<string> {
  const { env, settings, apiSecret, logger } = installation;
  const databaseUrl = settings.databaseUrl ?? (await startPostgres(installation, parts));
  const decided = { dataDir: settings.dataDir, apiSecret, databaseUrl };
  const metrics = settings.metrics ? await openMetrics() : undefined;
  const link = await openMesh({ url: settings.meshUrl, service: 'standalone', logger, observer: metrics?.observer });
  parts.add('mesh', () => link.close());

  let url = '';
  const showing = projectsShowing((token) => {
    first.token = token;
  });
  for (const one of services) {
    const definition = one.name === projects.name ? showing : one;
    const service = await startService(definition, {
      settings: loadServiceSettings(definition, env, decided),
      link,
      logger,
      metrics,
      stopTimeoutMs: settings.stopTimeoutMs,
    });
    parts.add(definition.name, () => service.stop());
    url = service.url ?? url;
  }
  return url;
}

async function startPostgres({ settings, logger }: Installation, parts: StartedParts): Promise<string> {
  const postgres = await startEmbeddedPostgres({ dataDir: join(settings.dataDir, 'postgres'), logger });
  parts.add('Postgres', () => postgres.stop());
  return postgres.url;
}
