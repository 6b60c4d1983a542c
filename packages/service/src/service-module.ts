import { type DynamicModule, Module } from '@nestjs/common';
import { MeshModule } from '@terramesh/mesh';
import { LOGGER } from './logger.js';
import { Readiness } from './readiness.js';
import type { ServiceContext, ServiceDefinition } from './service-definition.js';
import type { SettingDefinitions, SettingsOf } from './settings.js';

/** What every service can inject. */
@Module({})
class SurroundingsModule {}

@Module({})
class ServiceModule {}

/** The root module of a service's application: its own module, the mesh, the logger and the readiness registry. */
export function serviceModule<D extends SettingDefinitions>(
  definition: ServiceDefinition<D>,
  context: ServiceContext<SettingsOf<D>>,
): DynamicModule {
  const providers = [
    { provide: Readiness, useValue: context.readiness },
    { provide: LOGGER, useValue: context.logger },
  ];
  const surroundings = { module: SurroundingsModule, global: true, providers, exports: providers };
  const mesh = MeshModule.forRoot(context.link, definition.name);
  return { module: ServiceModule, imports: [mesh, surroundings, definition.module(context)] };
}
