export { readBootId } from './boot.js';
export { type BuildInfo, buildInfo } from './build-info.js';
export { claimDirectory, type DirectoryClaim, DirectoryInUse } from './claim-directory.js';
export { describeSettings, envExample, type SettingRow, settingsMarkdown } from './describe-settings.js';
export { processEnvironment } from './environment.js';
export { type HealthAnswer, healthAnswer, readinessAnswer } from './health-answers.js';
export { type HealthServer, type HealthServerOptions, startHealthServer } from './health-server.js';
export { loadSettings, SettingsError, type SettingsSource } from './load-settings.js';
export { createLogger, LOGGER, type Logger, type LoggerOptions, type LogLevel } from './logger.js';
export { maskSecrets } from './mask-secrets.js';
export { type Metrics, openMetrics } from './metrics.js';
export { nestLogger } from './nest-logger.js';
export { logSettings, processSettings } from './process-settings.js';
export { untilAskedToStop } from './process-signals.js';
export { Readiness, type ReadinessReport } from './readiness.js';
export { runMain } from './run-main.js';
export { secretsOf } from './secrets-of.js';
export type { RunningService, ServiceContext, ServiceDefinition } from './service-definition.js';
export { serviceModule } from './service-module.js';
export { commaList, onOff, portNumber, secondsAsMs } from './setting-schemas.js';
export {
  defineSettings,
  type Environment,
  type Setting,
  type SettingDefinitions,
  type SettingsOf,
  setting,
} from './settings.js';
export { type StartOptions, startService } from './start-service.js';
