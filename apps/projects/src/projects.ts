import type { ServiceDefinition } from '@terramesh/service';
import { printFirstToken } from './accounts/show-token.js';
import { ProjectsModule } from './projects.module.js';
import { projectsSettings } from './projects.settings.js';

/**
 * Serves what the contracts name `projects.…`. `showToken` gets the token of the first administrator, in the one process
 * that made it.
 */
export function projectsShowing(showToken: (token: string) => void): ServiceDefinition<typeof projectsSettings> {
  return {
    name: 'projects',
    settings: projectsSettings,
    module: (context) => ProjectsModule.forContext(context, showToken),
  };
}

/** Prints the token of the first administrator on the standard output. */
export const projects = projectsShowing(printFirstToken);
