import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection, NodeConnectionOptions } from '@nats-io/transport-node';
import { Logger } from '@nestjs/common';
import { AppError } from '@terramesh/contracts';
import { InprocLink } from './inproc-link.js';
import type { MeshLink, MeshLogger, MeshObserver } from './link.js';
import { type MeshCredentials, type NatsAddress, parseNatsAddress } from './nats-address.js';

export interface MeshOptions {
  /** `inproc:` or `nats://[user:password@]host:port[,…]`. */
  readonly url: string;
  /** Name of this connection in the broker's monitoring. */
  readonly service?: string | undefined;
  readonly logger?: MeshLogger | undefined;
  readonly observer?: MeshObserver | undefined;
  /** Instead of the ones in the url. */
  readonly credentials?: MeshCredentials | undefined;
  /** How long to try for the first connection. Once connected, it is kept for ever. Default 30 s. */
  readonly connectWithinMs?: number | undefined;
}

const dialTimeoutMs = 2_000;
const pauseMs = 250;

/** Rejects with UNAVAILABLE when no server was reached in time, UNAUTHORIZED when one refuses the credentials. */
export async function openMesh(options: MeshOptions): Promise<MeshLink> {
  const logger = options.logger ?? nestLogger();
  if (options.url === 'inproc:') return new InprocLink(logger, options.observer);
  const address = parseNatsAddress(options.url);
  // Only here, so that a standalone process does not carry the NATS client.
  const nats = await import('@nats-io/transport-node');
  const { NatsLink } = await import('./nats-link.js');
  const settings = connectionSettings(address, options);
  const giveUpAt = Date.now() + (options.connectWithinMs ?? 30_000);
  for (;;) {
    const connection = await tryToConnect(() => nats.connect(settings));
    if (!(connection instanceof Error)) return new NatsLink(connection, nats, logger, options.observer);
    const servers = address.servers.join(', ');
    if (connection instanceof nats.AuthorizationError) {
      throw new AppError('UNAUTHORIZED', `NATS at ${servers} refuses the credentials`, { cause: connection });
    }
    if (Date.now() + pauseMs >= giveUpAt) {
      throw new AppError('UNAVAILABLE', `NATS cannot be reached at ${servers}`, { cause: connection });
    }
    logger.debug({ err: connection }, `waiting for NATS at ${servers}`);
    await delay(pauseMs);
  }
}

function connectionSettings(address: NatsAddress, options: MeshOptions): NodeConnectionOptions {
  const credentials = options.credentials ?? address.credentials;
  return {
    servers: [...address.servers],
    name: options.service ?? 'terramesh',
    timeout: dialTimeoutMs,
    reconnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 200,
    ignoreAuthErrorAbort: true,
    // A silent connection is found dead in 10 to 20 s.
    pingInterval: 10_000,
    maxPingOut: 1,
    noAsyncTraces: true,
    ...(address.encryption === 'tls' ? { tls: {} } : {}),
    ...(credentials === undefined
      ? {}
      : 'token' in credentials
        ? { token: credentials.token }
        : { user: credentials.user, pass: credentials.password }),
  };
}

async function tryToConnect(connect: () => Promise<NatsConnection>): Promise<NatsConnection | Error> {
  try {
    return await connect();
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

function nestLogger(): MeshLogger {
  const logger = new Logger('Mesh');
  return {
    debug: (fields, message) => logger.debug({ ...fields, message }),
    info: (fields, message) => logger.log({ ...fields, message }),
    warn: (fields, message) => logger.warn({ ...fields, message }),
    error: (fields, message) => logger.error({ ...fields, message }),
  };
}
