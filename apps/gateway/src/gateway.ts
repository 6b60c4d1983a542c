// The gateway as a service: it listens on HTTP itself, and stops in the order that loses nobody.
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Mesh } from '@terramesh/mesh';
import {
  buildInfo,
  nestLogger,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
  serviceModule,
} from '@terramesh/service';
import type { FastifyInstance } from 'fastify';
import { GatewayModule } from './gateway.module.js';
import type { GatewayOptions } from './gateway.options.js';
import { type GatewaySettings, gatewaySettings } from './gateway.settings.js';
import { Draining } from './http/draining.js';
import { createHttpAdapter } from './http/http-adapter.js';
import { RouteRegistry } from './http/route-registry.js';
import { stopHttp } from './http/stop-http.js';
import { TfeGate } from './tfe/tfe-gate.js';

export interface RunningGateway extends RunningService {
  /** Of the listener; the loopback address when it listens on every one. */
  readonly url: string;
  readonly routes: RouteRegistry;
}

export const gateway = {
  name: 'gateway',
  settings: gatewaySettings,
  module: (context: ServiceContext<GatewaySettings>) => moduleOf(context, startingPoint(context)),
  start,
} satisfies ServiceDefinition<typeof gatewaySettings>;

interface StartingPoint {
  readonly options: GatewayOptions;
  readonly draining: Draining;
  readonly routes: RouteRegistry;
  /** Filled when the listener has it. */
  readonly bound: { port: number };
}

async function start(context: ServiceContext<GatewaySettings>): Promise<RunningGateway> {
  const { settings, logger } = context;
  const point = startingPoint(context);
  const adapter = createHttpAdapter({
    ...settings,
    reads: point.options.reads,
    registry: point.routes,
    tfeGate: new TfeGate({ mesh: new Mesh(context.link, gateway.name), publicUrl: settings.publicUrl }),
    onAnswer: (answer) => logger.debug(answer, 'answered'),
  });
  const definition = { ...gateway, module: () => moduleOf(context, point) };
  const app = await NestFactory.create<NestFastifyApplication>(serviceModule(definition, context), adapter, {
    bodyParser: false,
    abortOnError: false,
    logger: nestLogger(logger),
  });
  await app.listen(settings.port, settings.host);
  const address = adapter.getInstance<FastifyInstance>().server.address();
  if (typeof address === 'object' && address !== null) point.bound.port = address.port;
  const url = `http://${reachable(settings.host)}:${point.bound.port}`;
  logger.info({ url }, 'listening');
  return {
    name: gateway.name,
    url,
    routes: point.routes,
    ready: () => context.readiness.report(),
    stop: () => stopHttp(app, point.draining, context.stopTimeoutMs),
  };
}

function startingPoint({ settings }: ServiceContext<GatewaySettings>): StartingPoint {
  const bound = { port: settings.port };
  const options: GatewayOptions = {
    get publicUrl() {
      return settings.publicUrl ?? `http://localhost:${bound.port}`;
    },
    apiSecret: settings.apiSecret,
    reads: settings.readsNeedToken ? 'token' : 'public',
    drift: settings.driftDetection ? 'on' : 'off',
    executableName: settings.executableName,
    meshPatienceMs: settings.meshPatienceMs,
    version: buildInfo().version,
  };
  return { options, draining: new Draining(), routes: new RouteRegistry(), bound };
}

function moduleOf({ settings, metrics }: ServiceContext<GatewaySettings>, point: StartingPoint) {
  const profiling = settings.profiling ? 'on' : 'off';
  return GatewayModule.forRoot({ ...point, profiling, metrics });
}

function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
