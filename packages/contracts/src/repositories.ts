// Served by apps/projects: which repositories may be used and where they are.
import { z } from 'zod';
import { operation } from './operation.js';
import { Repository, VcsType } from './targets.js';

export const repositories = {
  /**
   * Admits a repository for use: its shape, whether its host is configured, and the allowlist. No network.
   * INVALID for a bad name or a host that is not configured; FORBIDDEN when the allowlist refuses it.
   */
  admit: operation({
    subject: 'projects.admit-repository',
    input: z.object({ type: VcsType, repository: z.string().min(1).max(512) }),
    output: Repository.extend({
      /** Where to clone from, without credentials. */
      cloneUrl: z.string(),
    }),
    idempotent: true,
  }),
};
