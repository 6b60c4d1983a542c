import { onOff, secondsAsMs, setting } from '@terramesh/service';
import { z } from 'zod';
import { parseWindows } from './apply-window.js';

const count = z.coerce.number().int().min(0);

/** Guards of remediation; part of the settings of drift. Those of an apply do not touch action `plan`. */
export const remediationSettings = {
  driftSameCommit: setting({
    env: 'TERRAMESH_DRIFT_APPLY_SAME_COMMIT',
    schema: onOff,
    default: true,
    description: 'Whether a remediation applies only the commit at which the drift was seen.',
  }),
  driftMaxCreates: setting({
    env: 'TERRAMESH_DRIFT_MAX_CREATES',
    schema: count,
    default: 100,
    description:
      'Most resources that a remediation may create in one target; past it nothing of the target is applied.',
  }),
  driftMaxChanges: setting({
    env: 'TERRAMESH_DRIFT_MAX_CHANGES',
    schema: count,
    default: 100,
    description: 'Most resources that a remediation may change in one target.',
  }),
  driftMaxDestroys: setting({
    env: 'TERRAMESH_DRIFT_MAX_DESTROYS',
    schema: count,
    default: 100,
    description: 'Most resources that a remediation with `allow_destroy` may destroy in one target; without it, none.',
  }),
  driftApplyWindow: setting({
    env: 'TERRAMESH_DRIFT_APPLY_WINDOW',
    schema: z.string().transform((text, context) => {
      try {
        return parseWindows(text);
      } catch (error) {
        context.addIssue({ code: 'custom', message: error instanceof Error ? error.message : String(error) });
        return z.NEVER;
      }
    }),
    default: '',
    description:
      'When remediations may apply, as `Mon-Fri 08:00-18:00 Europe/Berlin`, several with `;`; empty: always.',
  }),
  driftApplyWindowFor: setting({
    env: 'TERRAMESH_DRIFT_APPLY_WINDOW_FOR',
    schema: z.enum(['automatic', 'everyone']),
    default: 'automatic',
    description: 'Whom the window binds: only remediations that schedules begin, or those that people ask for too.',
  }),
  driftBreakerShare: setting({
    env: 'TERRAMESH_DRIFT_BREAKER_SHARE',
    schema: z.coerce.number().int().min(1).max(100),
    default: 50,
    description: 'The breaker opens when more than this share of the checked targets, in percent, drifts at once.',
  }),
  driftBreakerTargets: setting({
    env: 'TERRAMESH_DRIFT_BREAKER_TARGETS',
    schema: z.coerce.number().int().min(1),
    default: 5,
    description: 'Fewest newly drifted targets that open the breaker.',
  }),
  driftBreakerPeriodMs: setting({
    env: 'TERRAMESH_DRIFT_BREAKER_PERIOD',
    schema: secondsAsMs,
    default: 600,
    description: 'Seconds that count as "at once" over all repositories.',
  }),
  driftBreakerCoolDownMs: setting({
    env: 'TERRAMESH_DRIFT_BREAKER_COOL_DOWN',
    schema: secondsAsMs,
    default: 1800,
    description: 'Seconds after which clean checks close the breaker.',
  }),
  driftLoopPeriodMs: setting({
    env: 'TERRAMESH_DRIFT_LOOP_PERIOD',
    schema: secondsAsMs,
    default: 86_400,
    description: 'Seconds within which drift after an apply counts as a relapse of the target.',
  }),
  driftLoopRelapses: setting({
    env: 'TERRAMESH_DRIFT_LOOP_RELAPSES',
    schema: z.coerce.number().int().min(1),
    default: 3,
    description: 'Relapses in a row after which a target is no longer applied by itself.',
  }),
  driftRemediationRetentionDays: setting({
    env: 'TERRAMESH_DRIFT_REMEDIATION_RETENTION_DAYS',
    schema: z.coerce.number().int().min(1),
    default: 90,
    description: 'Days that finished remediations are kept.',
  }),
};
