// One load for the whole process: the problems of every service are told at once, before anything is started.
import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { gateway } from '@terramesh/gateway';
import { locks } from '@terramesh/locks';
import {
  defineSettings,
  type Environment,
  loadSettings,
  logSettings,
  processSettings,
  type ServiceDefinition,
  SettingsError,
  type SettingsOf,
  secretsOf,
  setting,
} from '@terramesh/service';
import { z } from 'zod';
import { services } from './services.js';

export const standaloneSettings = defineSettings({
  ...logSettings,
  logFormat: setting({ ...logSettings.logFormat, default: 'text' }),
  metrics: processSettings.metrics,
  dataDir: setting({
    env: 'TERRAMESH_DATA_DIR',
    atlantis: 'ATLANTIS_DATA_DIR',
    schema: z.string().transform((path) => resolve(path.replace(/^~(?=\/|$)/, homedir()))),
    default: '~/.terramesh',
    description: 'Folder of everything that is kept on this host.',
  }),
  databaseUrl: setting({ ...locks.settings.databaseUrl, schema: locks.settings.databaseUrl.schema.optional() }),
  meshUrl: setting({
    ...processSettings.meshUrl,
    schema: z.literal('inproc:', {
      error: 'standalone runs every service in one process; for services over NATS use npm run start:mesh',
    }),
    default: 'inproc:',
  }),
  apiSecret: gateway.settings.apiSecret,
});

export type StandaloneSettings = SettingsOf<typeof standaloneSettings>;

/** What standalone decides for its services. */
export interface Decided {
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly apiSecret: string;
}

export interface LoadedSettings {
  readonly settings: StandaloneSettings;
  /** Values of all services that no log line may hold. */
  readonly secrets: readonly string[];
}

/** Throws SettingsError with the problems of all services, without those that standalone's own decisions settle. */
export function loadStandaloneSettings(env: Environment): LoadedSettings {
  const problems = new Set<string>();
  const attempt = <T>(load: () => T): T | undefined => {
    try {
      return load();
    } catch (error) {
      if (!(error instanceof SettingsError)) throw error;
      for (const problem of error.problems) problems.add(problem);
      return undefined;
    }
  };
  const settings = attempt(() => loadSettings(standaloneSettings, { env, known: everySetting() }));
  const secrets = services.map((service) =>
    attempt(() => secretsOf(service.settings, loadServiceSettings(service, env, notYetDecided))),
  );
  if (settings === undefined || problems.size > 0) throw new SettingsError([...problems]);
  const own = secretsOf(standaloneSettings, settings);
  return { settings, secrets: [...own, ...secrets.flatMap((some) => some ?? [])] };
}

/** Valid in every service; for the look at the other settings. */
const notYetDecided: Decided = {
  databaseUrl: 'postgres://not-yet/decided',
  dataDir: '/',
  apiSecret: 'not-yet-decided',
};

/** The settings of one service, with standalone's decisions in the place of what the person said. */
export function loadServiceSettings<D extends ServiceDefinition>(service: D, env: Environment, decided: Decided) {
  const {
    DATABASE_URL_FILE: _1,
    TERRAMESH_DATABASE_URL: _2,
    ATLANTIS_DATA_DIR: _3,
    ATLANTIS_API_SECRET: _4,
    TERRAMESH_API_SECRET_FILE: _5,
    ...others
  } = env;
  return loadSettings(service.settings, {
    env: {
      ...others,
      DATABASE_URL: decided.databaseUrl,
      TERRAMESH_DATA_DIR: decided.dataDir,
      TERRAMESH_API_SECRET: decided.apiSecret,
    },
  });
}

/** By variable, because two services may give the same name in code to different settings. */
function everySetting() {
  const all = [standaloneSettings, processSettings, ...services.map(({ settings }) => settings)].flatMap(Object.values);
  return Object.fromEntries(all.map((definition) => [definition.env, definition]));
}
