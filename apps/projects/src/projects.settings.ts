import { defineSettings, type SettingsOf, setting } from '@terramesh/service';
import { z } from 'zod';
import { allowlistProblem, parseAllowlist } from './domain/allowlist.js';
import { BaseUrl } from './domain/base-url.js';

const RepoAllowlist = z.string().transform((text, context) => {
  const problem = allowlistProblem(text);
  if (problem === undefined) return parseAllowlist(text);
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

export const projectsSettings = defineSettings({
  databaseUrl: setting({
    env: 'DATABASE_URL',
    atlantis: 'TERRAMESH_DATABASE_URL',
    schema: z.string().regex(/^postgres(ql)?:\/\//, 'must be postgres://user:password@host:port/database'),
    description: 'The Postgres database, as postgres://host:port/database with user and password before the host.',
    secret: true,
  }),
  projectsPoolSize: setting({
    env: 'TERRAMESH_PROJECTS_POOL_SIZE',
    schema: z.coerce.number().int().min(2).max(100),
    default: 10,
    description: 'Most connections to Postgres of one projects process.',
  }),
  adminToken: setting({
    env: 'TERRAMESH_ADMIN_TOKEN',
    schema: z
      .string()
      .regex(/^[\x21-\x7e]+$/, 'must be letters, digits and signs without spaces')
      .min(32, 'must have at least 32 characters')
      .max(512, 'must have at most 512 characters')
      .optional(),
    description:
      'Token of the first administrator for the TFE API; another value replaces it at the next start. Unset: one is made and shown once.',
    secret: true,
  }),
  requestsPerSecond: setting({
    env: 'TERRAMESH_RATE_LIMIT',
    schema: z.coerce.number().int().min(0).max(100_000),
    default: 30,
    description:
      'Requests to /api/v2 that each user, and each address without one, may make in a second; 0 for no limit.',
  }),
  maxProjectNameLength: setting({
    env: 'TERRAMESH_PROJECT_NAME_MAX_LENGTH',
    schema: z.coerce.number().int().min(36).max(40),
    default: 36,
    description: 'Most characters of the name of a project: 36, or up to 40 as newer clients expect.',
  }),
  repoAllowlist: setting({
    env: 'TERRAMESH_REPO_ALLOWLIST',
    atlantis: 'ATLANTIS_REPO_ALLOWLIST',
    schema: RepoAllowlist,
    description:
      'Repositories that may be used: host/owner/name, separated by commas; * stands for any characters, a leading ! excludes. For example github.com/acme/*,!github.com/acme/secret.',
  }),
  githubUrl: setting({
    env: 'TERRAMESH_GITHUB_URL',
    atlantis: 'ATLANTIS_GH_HOSTNAME',
    schema: BaseUrl,
    default: 'https://github.com',
    description: 'Where Github repositories are: https://…, http://… or file:///…; off when Github is not used.',
  }),
  gitlabUrl: setting({
    env: 'TERRAMESH_GITLAB_URL',
    atlantis: 'ATLANTIS_GITLAB_HOSTNAME',
    schema: BaseUrl,
    default: 'https://gitlab.com',
    description: 'Where Gitlab repositories are: https://…, http://… or file:///…; off when Gitlab is not used.',
  }),
  giteaUrl: setting({
    env: 'TERRAMESH_GITEA_URL',
    atlantis: 'ATLANTIS_GITEA_BASE_URL',
    schema: BaseUrl,
    default: 'https://gitea.com',
    description: 'Where Gitea repositories are: https://…, http://… or file:///…; off when Gitea is not used.',
  }),
});

export type ProjectsSettings = SettingsOf<typeof projectsSettings>;
