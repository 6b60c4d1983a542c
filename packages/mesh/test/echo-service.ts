// Starts instances of the echo service, each a Nest application of its own.
import { type DynamicModule, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { MicroserviceOptions } from '@nestjs/microservices';
import { type MeshLink, type MeshLogger, MeshModule, meshStrategy } from '../src/index.js';
import { EchoController, Instance } from './echo-contract.js';

@Module({})
class EchoModule {}

export interface RunningEcho {
  readonly instance: Instance;
  stop(): Promise<void>;
}

export async function startEcho(
  link: MeshLink,
  name: string,
  { service = 'echo', drainTimeoutMs = 10_000 }: { service?: string; drainTimeoutMs?: number } = {},
): Promise<RunningEcho> {
  const instance = new Instance(name);
  const module: DynamicModule = {
    module: EchoModule,
    imports: [MeshModule.forRoot(link, service)],
    controllers: [EchoController],
    providers: [{ provide: Instance, useValue: instance }],
  };
  const app = await NestFactory.createMicroservice<MicroserviceOptions>(module, {
    strategy: meshStrategy(link, service, { drainTimeoutMs }),
    logger: false,
    abortOnError: false,
  });
  await app.listen();
  return { instance, stop: () => app.close() };
}

export interface LogEntry {
  readonly level: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A logger that keeps what it was told. */
export function keepingLogger(): MeshLogger & { readonly entries: LogEntry[] } {
  const entries: LogEntry[] = [];
  const keep = (level: string) => (fields: object, message: string) => {
    entries.push({ level, message, fields: { ...fields } });
  };
  return { entries, debug: keep('debug'), info: keep('info'), warn: keep('warn'), error: keep('error') };
}
