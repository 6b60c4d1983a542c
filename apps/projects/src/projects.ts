import type { ServiceDefinition } from '@terramesh/service';
import { ProjectsModule } from './projects.module.js';
import { projectsSettings } from './projects.settings.js';

/** Serves the operations of `repositories` in the contracts. */
export const projects: ServiceDefinition<typeof projectsSettings> = {
  name: 'projects',
  settings: projectsSettings,
  module: (context) => ProjectsModule.forContext(context),
};
