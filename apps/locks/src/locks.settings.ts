import { defineSettings, type SettingsOf, secondsAsMs, setting } from '@terramesh/service';
import { z } from 'zod';

export const locksSettings = defineSettings({
  databaseUrl: setting({
    env: 'DATABASE_URL',
    atlantis: 'TERRAMESH_DATABASE_URL',
    schema: z.string().regex(/^postgres(ql)?:\/\//, 'must be postgres://user:password@host:port/database'),
    description: 'The Postgres database, as postgres://host:port/database with user and password before the host.',
    secret: true,
  }),
  locksPoolSize: setting({
    env: 'TERRAMESH_LOCKS_POOL_SIZE',
    schema: z.coerce.number().int().min(2).max(100),
    default: 10,
    description: 'Most connections to Postgres of one locks process.',
  }),
  locksSweepIntervalMs: setting({
    env: 'TERRAMESH_LOCKS_SWEEP_INTERVAL',
    schema: secondsAsMs.refine((ms) => ms >= 1000, 'must be at least 1 second'),
    default: 30,
    description: 'Seconds between two looks for locks whose run is over.',
  }),
});

export type LocksSettings = SettingsOf<typeof locksSettings>;
