import { defineSettings, onOff, portNumber, type SettingsOf, secondsAsMs, setting } from '@terramesh/service';
import { z } from 'zod';

const mebibyte = 1024 * 1024;

export const gatewaySettings = defineSettings({
  port: setting({
    env: 'TERRAMESH_PORT',
    atlantis: 'ATLANTIS_PORT',
    schema: portNumber,
    default: 4141,
    description: 'Port that the API listens on; 0 for any free one.',
  }),
  host: setting({
    env: 'TERRAMESH_HOST',
    schema: z.string().min(1),
    default: '0.0.0.0',
    description: 'Address that the API listens on.',
  }),
  publicUrl: setting({
    env: 'TERRAMESH_PUBLIC_URL',
    atlantis: 'ATLANTIS_ATLANTIS_URL',
    schema: z
      .url({ protocol: /^https?$/ })
      .transform((url) => url.replace(/\/+$/, ''))
      .optional(),
    description: 'Where people reach the API, for the links in its answers; http://localhost:<port> when unset.',
  }),
  apiSecret: setting({
    env: 'TERRAMESH_API_SECRET',
    atlantis: 'ATLANTIS_API_SECRET',
    schema: z.string().optional(),
    description: 'What X-Atlantis-Token must be; the guarded part of the API is off while it is unset.',
    secret: true,
  }),
  readsNeedToken: setting({
    env: 'TERRAMESH_REQUIRE_TOKEN_FOR_READS',
    schema: onOff,
    default: false,
    description: 'Whether listing locks and drift needs the token too.',
  }),
  driftDetection: setting({
    env: 'TERRAMESH_DRIFT_DETECTION',
    atlantis: 'ATLANTIS_ENABLE_DRIFT_DETECTION',
    schema: onOff,
    default: false,
    description: 'Whether drift is recorded, detected and remediated; set it alike for the gateway and for drift.',
  }),
  profiling: setting({
    env: 'TERRAMESH_ENABLE_PROFILING_API',
    atlantis: 'ATLANTIS_ENABLE_PROFILING_API',
    schema: onOff,
    default: false,
    description: 'Whether /debug/pprof exists.',
  }),
  executableName: setting({
    env: 'TERRAMESH_EXECUTABLE_NAME',
    atlantis: 'ATLANTIS_EXECUTABLE_NAME',
    schema: z.string().min(1),
    default: 'atlantis',
    description: 'First word of the commands that results suggest.',
  }),
  bodyLimitBytes: setting({
    env: 'TERRAMESH_BODY_LIMIT',
    schema: z.coerce.number().int().min(1024),
    default: mebibyte,
    description: 'Longest body of a request, in bytes.',
  }),
  trustProxy: setting({
    env: 'TERRAMESH_TRUST_PROXY',
    schema: z.string().transform((proxies) => (/^(true|false)$/.test(proxies) ? proxies === 'true' : proxies)),
    default: 'false',
    description: 'Proxies whose X-Forwarded headers are believed: true, false, or addresses separated by commas.',
  }),
  meshPatienceMs: setting({
    env: 'TERRAMESH_MESH_PATIENCE',
    schema: secondsAsMs,
    default: 120,
    description: 'Seconds that callers who wait for a run outlive services that do not answer.',
  }),
});

export type GatewaySettings = SettingsOf<typeof gatewaySettings>;
