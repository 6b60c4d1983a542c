import { defineSettings, onOff, type SettingsOf, setting } from '@terramesh/service';
import { z } from 'zod';
import { recordSettings } from './records/records.settings.js';
import { remediationSettings } from './remediations/remediations.settings.js';
import { scheduleSettings } from './schedules/schedules.settings.js';
import { tellingSettings } from './telling/telling.settings.js';

export const driftSettings = defineSettings({
  databaseUrl: setting({
    env: 'DATABASE_URL',
    atlantis: 'TERRAMESH_DATABASE_URL',
    schema: z.string().regex(/^postgres(ql)?:\/\//, 'must be postgres://user:password@host:port/database'),
    description: 'The Postgres database: postgres://user:password@host:port/database.',
    secret: true,
  }),
  driftDetection: setting({
    env: 'TERRAMESH_DRIFT_DETECTION',
    atlantis: 'ATLANTIS_ENABLE_DRIFT_DETECTION',
    schema: onOff,
    default: false,
    description: 'Whether drift is recorded, detected and remediated; set it alike for the gateway and for drift.',
  }),
  driftPoolSize: setting({
    env: 'TERRAMESH_DRIFT_POOL_SIZE',
    schema: z.coerce.number().int().min(2).max(100),
    default: 8,
    description: 'Most connections to Postgres of one drift process.',
  }),
  ...recordSettings,
  ...remediationSettings,
  ...scheduleSettings,
  ...tellingSettings,
});

export type DriftSettings = SettingsOf<typeof driftSettings>;
