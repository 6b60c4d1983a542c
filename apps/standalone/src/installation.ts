// What stands before anything is started: checked settings, a data directory that is ours, the API secret, the logger.
import { claimDirectory, createLogger, type Environment, type Logger, maskSecrets } from '@terramesh/service';
import { apiSecretFile, ensureApiSecret } from './api-secret.js';
import { loadStandaloneSettings, type StandaloneSettings } from './standalone.settings.js';

export interface Installation {
  readonly env: Environment;
  readonly settings: StandaloneSettings;
  readonly apiSecret: string;
  /** Of the generated secret; undefined when the person chose one. */
  readonly secretFile: string | undefined;
  readonly logger: Logger;
  /** Takes every secret out of a text. */
  mask(text: string): string;
  /** Gives the data directory up. */
  release(): Promise<void>;
}

/** Throws SettingsError with every problem at once, or DirectoryInUse. */
export async function openInstallation(env: Environment): Promise<Installation> {
  const { settings, secrets } = loadStandaloneSettings(env);
  const claim = await claimDirectory(settings.dataDir);
  const secretFile = settings.apiSecret === undefined ? apiSecretFile(settings.dataDir) : undefined;
  const apiSecret = settings.apiSecret ?? (await ensureApiSecret(settings.dataDir));
  const { logLevel: level, logFormat: format } = settings;
  const all = [...secrets, apiSecret];
  const logger = createLogger({ level, format, secrets: all });
  return { env, settings, apiSecret, secretFile, logger, mask: maskSecrets(all), release: () => claim.release() };
}
