import { type DynamicModule, Module } from '@nestjs/common';
import type { ServiceContext } from '@terramesh/service';
import { AdmitRepository } from './admit-repository.js';
import type { ProjectsSettings } from './projects.settings.js';
import { RepositoriesController } from './repositories.controller.js';

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the shape of a Nest dynamic module
export class ProjectsModule {
  static forContext({ settings }: ServiceContext<ProjectsSettings>): DynamicModule {
    return {
      module: ProjectsModule,
      controllers: [RepositoriesController],
      providers: [{ provide: AdmitRepository, useFactory: () => new AdmitRepository(settings) }],
    };
  }
}
