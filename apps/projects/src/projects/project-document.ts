// Request documents of projects → what they ask for.
import type { createProjectDocument, updateProjectDocument } from '@terramesh/contracts';
import type { z } from 'zod';
import type { WantedExecution } from '../domain/execution-mode.js';
import type { Tag } from '../domain/tags.js';
import type { ProjectAttributes } from '../persistence/project.repository.js';

type CreateDocument = z.output<ReturnType<typeof createProjectDocument>>;
type UpdateDocument = z.output<ReturnType<typeof updateProjectDocument>>;

export interface WantedProject {
  /** What is absent keeps its value. */
  readonly attributes: Partial<Omit<ProjectAttributes, 'defaultExecutionMode'>>;
  readonly execution: WantedExecution;
  /** The whole set; undefined: as they are. */
  readonly tags: readonly Tag[] | undefined;
}

export function wantedProject({ data }: CreateDocument | UpdateDocument): WantedProject {
  const { name, description, ...others } = data.attributes;
  const duration = others['auto-destroy-activity-duration'];
  const overwrites = others['setting-overwrites'];
  return {
    attributes: {
      ...(name === undefined ? {} : { name }),
      ...(description === undefined ? {} : { description }),
      ...(duration === undefined ? {} : { autoDestroyActivityDuration: duration }),
    },
    execution: {
      mode: others['default-execution-mode'],
      overwrites:
        overwrites?.['default-execution-mode'] ??
        overwrites?.['execution-mode'] ??
        overwrites?.['default-agent-pool'] ??
        overwrites?.['agent-pool'] ??
        undefined,
    },
    tags: data.relationships?.['tag-bindings']?.data,
  };
}
