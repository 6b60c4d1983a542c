import type { Environment } from './settings.js';

/** The environment of this process; the one place that reads it. */
export function processEnvironment(): Environment {
  // biome-ignore lint/style/noProcessEnv: this is that place
  return process.env;
}
