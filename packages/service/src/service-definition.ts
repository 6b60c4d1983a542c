import type { DynamicModule } from '@nestjs/common';
import type { MeshLink } from '@terramesh/mesh';
import type { Logger } from './logger.js';
import type { Metrics } from './metrics.js';
import type { Readiness, ReadinessReport } from './readiness.js';
import type { SettingDefinitions, SettingsOf } from './settings.js';

export interface ServiceContext<S> {
  readonly settings: S;
  readonly link: MeshLink;
  readonly logger: Logger;
  readonly readiness: Readiness;
  /** Undefined when metrics are off. */
  readonly metrics: Metrics | undefined;
  /** How long a stop may take, in ms. */
  readonly stopTimeoutMs: number;
}

/** One service of the system: the same in a process of its own and beside the others. */
export interface ServiceDefinition<D extends SettingDefinitions = SettingDefinitions> {
  /** Also the queue group of its operations. */
  readonly name: string;
  readonly settings: D;
  /** `Mesh`, `Readiness` and the token `LOGGER` can be injected into everything in it. */
  module(context: ServiceContext<SettingsOf<D>>): DynamicModule;
  /** Instead of a plain microservice: for one that listens on HTTP or has work of its own. Its application is `serviceModule`. */
  start?(context: ServiceContext<SettingsOf<D>>): Promise<RunningService>;
}

export interface RunningService {
  readonly name: string;
  /** Where it listens and answers `/healthz` and `/readyz` itself; undefined when it does not listen. */
  readonly url?: string;
  ready(): Promise<ReadinessReport>;
  /** Takes no new work, finishes what is in flight, releases everything. Bounded. */
  stop(): Promise<void>;
}
