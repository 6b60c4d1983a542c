import { type DynamicModule, Module } from '@nestjs/common';
import { openDatabase } from '@terramesh/database';
import type { ServiceContext } from '@terramesh/service';
import { AccessRules } from './access/access-rules.js';
import { FirstAdministrator } from './accounts/first-administrator.js';
import { AdmitRepository } from './admit-repository.js';
import { identityParts } from './identity.parts.js';
import { DatabaseCloser } from './persistence/database-closer.js';
import { ProjectsDatabase } from './persistence/projects-database.js';
import { projectsSchema } from './persistence/projects-schema.js';
import { projectParts } from './project.parts.js';
import { ProjectDocuments } from './projects/project-documents.js';
import type { ProjectsSettings } from './projects.settings.js';
import { RepositoriesController } from './repositories.controller.js';
import { workspaceParts } from './workspace.parts.js';

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the shape of a Nest dynamic module
export class ProjectsModule {
  static forContext(context: ServiceContext<ProjectsSettings>, showToken: (token: string) => void): DynamicModule {
    const { settings, readiness, logger } = context;
    return {
      module: ProjectsModule,
      controllers: [
        RepositoriesController,
        ...identityParts.controllers,
        ...projectParts.controllers,
        ...workspaceParts.controllers,
      ],
      providers: [
        ...identityParts.providers,
        ...projectParts.providers,
        ...workspaceParts.providers,
        { provide: ProjectDocuments, useValue: new ProjectDocuments({ maxNameLength: settings.maxProjectNameLength }) },
        { provide: AdmitRepository, useFactory: () => new AdmitRepository(settings) },
        { provide: AccessRules, useValue: { requestsPerSecond: settings.requestsPerSecond } satisfies AccessRules },
        {
          provide: ProjectsDatabase,
          useFactory: async () => {
            const { databaseUrl: url, projectsPoolSize: poolSize } = settings;
            const database = await openDatabase({ ...projectsSchema, url, poolSize });
            readiness.add('database', () => database.ping());
            return database;
          },
        },
        {
          provide: FirstAdministrator,
          inject: [ProjectsDatabase],
          useFactory: (database: ProjectsDatabase) =>
            new FirstAdministrator({ database, configuredToken: settings.adminToken, logger, show: showToken }),
        },
        DatabaseCloser,
      ],
    };
  }
}
