import type { ServiceDefinition } from '@terramesh/service';
import { LocksModule } from './locks.module.js';
import { locksSettings } from './locks.settings.js';

/** Serves the operations of `locks` in the contracts. */
export const locks: ServiceDefinition<typeof locksSettings> = {
  name: 'locks',
  settings: locksSettings,
  module: (context) => LocksModule.forContext(context),
};
