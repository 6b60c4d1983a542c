import type { ServiceDefinition } from '@terramesh/service';
import { DriftModule } from './drift.module.js';
import { driftSettings } from './drift.settings.js';

/** Serves the operations of `drift` in the contracts; nothing, while drift detection is off. */
export const drift: ServiceDefinition<typeof driftSettings> = {
  name: 'drift',
  settings: driftSettings,
  module: (context) => DriftModule.forContext(context),
};
