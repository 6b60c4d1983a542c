// What a run acts on. Words: see docs/glossary.md (a target is what Atlantis calls a project).
import { z } from 'zod';

/** The VCS hosts that are served; the names are Atlantis' own (Atlantis: models.go NewVCSHostType). */
export const VcsType = z.enum(['Github', 'Gitlab', 'Gitea']).meta({ id: 'VcsType' });
export type VcsType = z.infer<typeof VcsType>;

/** One root module in one Terraform workspace of one repository. */
export const Target = z
  .object({
    /** Relative to the repository's root, `.` for the root itself; no trailing slash. */
    directory: z.string().min(1).max(1024),
    /** The CLI's workspace, `default` when workspaces are unused. */
    terraformWorkspace: z.string().min(1).max(255),
    /** The name that atlantis.yaml gives it, or empty. */
    name: z.string().max(255),
  })
  .meta({ id: 'Target' });
export type Target = z.infer<typeof Target>;

/** A repository on a host. `hostname` is lower case and has no port. */
export const Repository = z.object({
  hostname: z.string().min(1).max(255),
  /** `owner/name`, or a deeper path for Gitlab. */
  repository: z.string().min(1).max(512),
});
export type Repository = z.infer<typeof Repository>;
