import { type DynamicModule, Module } from '@nestjs/common';
import { openDatabase } from '@terramesh/database';
import type { ServiceContext } from '@terramesh/service';
import { AdmitRepository } from './admit-repository.js';
import { DatabaseCloser } from './persistence/database-closer.js';
import { ProjectsDatabase } from './persistence/projects-database.js';
import { projectsSchema } from './persistence/projects-schema.js';
import type { ProjectsSettings } from './projects.settings.js';
import { RepositoriesController } from './repositories.controller.js';

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the shape of a Nest dynamic module
export class ProjectsModule {
  static forContext({ settings, readiness }: ServiceContext<ProjectsSettings>): DynamicModule {
    return {
      module: ProjectsModule,
      controllers: [RepositoriesController],
      providers: [
        { provide: AdmitRepository, useFactory: () => new AdmitRepository(settings) },
        {
          provide: ProjectsDatabase,
          useFactory: async () => {
            const { databaseUrl: url, projectsPoolSize: poolSize } = settings;
            const database = await openDatabase({ ...projectsSchema, url, poolSize });
            readiness.add('database', () => database.ping());
            return database;
          },
        },
        DatabaseCloser,
      ],
    };
  }
}
