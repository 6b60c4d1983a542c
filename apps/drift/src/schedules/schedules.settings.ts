import { secondsAsMs, setting } from '@terramesh/service';

export const scheduleSettings = {
  driftScheduleGraceMs: setting({
    env: 'TERRAMESH_DRIFT_SCHEDULE_GRACE',
    schema: secondsAsMs.refine((ms) => ms >= 1000 && ms <= 86_400_000, 'must be 1 second to 1 day'),
    default: 60,
    description: 'Seconds that a scheduled detection may be late before its turn counts as missed.',
  }),
};
