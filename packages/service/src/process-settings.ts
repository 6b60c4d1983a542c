import { z } from 'zod';
import { onOff, portNumber, secondsAsMs } from './setting-schemas.js';
import { defineSettings, setting } from './settings.js';

export const logSettings = defineSettings({
  logLevel: setting({
    env: 'TERRAMESH_LOG_LEVEL',
    atlantis: 'ATLANTIS_LOG_LEVEL',
    schema: z.enum(['debug', 'info', 'warn', 'error']),
    default: 'info',
    description: 'Least important messages to log: debug, info, warn or error.',
  }),
  logFormat: setting({
    env: 'TERRAMESH_LOG_FORMAT',
    schema: z.enum(['json', 'text']),
    default: 'json',
    description: 'json for machines, text for people.',
  }),
  stopTimeoutMs: setting({
    env: 'TERRAMESH_STOP_TIMEOUT',
    schema: secondsAsMs,
    default: 60,
    description: 'Seconds that a stop waits for work in flight.',
  }),
});

/** What every process of the mesh needs beside the settings of its service. */
export const processSettings = defineSettings({
  ...logSettings,
  meshUrl: setting({
    env: 'MESH_URL',
    atlantis: 'TERRAMESH_MESH_URL',
    schema: z.string().regex(/^(nats|tls):\/\//, 'must be nats://host:port, several separated by commas'),
    default: 'nats://127.0.0.1:4222',
    description: 'NATS servers: nats://[user:password@]host:port, several separated by commas.',
    secret: true,
  }),
  meshConnectTimeoutMs: setting({
    env: 'TERRAMESH_MESH_CONNECT_TIMEOUT',
    schema: secondsAsMs,
    default: 60,
    description: 'Seconds to try for the first connection to NATS; later ones are tried for ever.',
  }),
  healthHost: setting({
    env: 'TERRAMESH_HEALTH_HOST',
    schema: z.string(),
    default: '0.0.0.0',
    description: 'Address that the health port listens on.',
  }),
  healthPort: setting({
    env: 'TERRAMESH_HEALTH_PORT',
    schema: portNumber,
    default: 0,
    description: 'Port of /healthz, /readyz and /metrics of a service without HTTP of its own; 0 for none.',
  }),
  metrics: setting({
    env: 'TERRAMESH_METRICS',
    schema: onOff,
    default: true,
    description: 'Whether to keep Prometheus metrics.',
  }),
});
