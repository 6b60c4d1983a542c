// Opens the database, gives `DriftContext` to every area, and closes the database when all of them have stopped.
import { type DynamicModule, Inject, Module, type OnApplicationShutdown } from '@nestjs/common';
import { openDatabase } from '@terramesh/database';
import type { ServiceContext } from '@terramesh/service';
import { DriftContext } from './context.js';
import type { DriftSettings } from './drift.settings.js';
import { driftSchema } from './persistence/drift-schema.js';

@Module({})
export class ContextModule implements OnApplicationShutdown {
  constructor(@Inject(DriftContext) private readonly context: DriftContext) {}

  static forContext({ settings, logger, readiness }: ServiceContext<DriftSettings>): DynamicModule {
    const useFactory = async () => {
      const { databaseUrl: url, driftPoolSize: poolSize } = settings;
      const database = await openDatabase({ ...driftSchema, url, poolSize });
      readiness.add('database', () => database.ping());
      return new DriftContext(settings, logger, database);
    };
    return {
      module: ContextModule,
      global: true,
      providers: [{ provide: DriftContext, useFactory }],
      exports: [DriftContext],
    };
  }

  async onApplicationShutdown(): Promise<void> {
    await this.context.database.close();
  }
}
