// Drift is off until a setting turns it on. Asked after the token and before anything else.
import { AppError } from '@terramesh/contracts';
import type { GatewayOptions } from '../gateway.options.js';

/** Throws UNAVAILABLE while drift is off. */
export function assertDriftIsOn(options: GatewayOptions, what: 'detection' | 'remediation'): void {
  if (options.drift === 'off') throw new AppError('UNAVAILABLE', `drift ${what} is not enabled`);
}
