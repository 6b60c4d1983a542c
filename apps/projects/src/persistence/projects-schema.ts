import { AccountEntity } from './account.entity.js';
import { CreateIdentity1764000000001 } from './migrations/0001-identity.js';
import { CreateProjects1764000000002 } from './migrations/0002-projects.js';
import { CreateWorkspaces1764000000003 } from './migrations/0003-workspaces.js';
import { OrganizationEntity } from './organization.entity.js';
import { ProjectEntity } from './project.entity.js';
import { ProjectTagEntity } from './project-tag.entity.js';
import { TeamEntity } from './team.entity.js';
import { TeamProjectEntity } from './team-project.entity.js';
import { TokenEntity } from './token.entity.js';

/** Everything about this service's Postgres schema, for `openDatabase`. */
export const projectsSchema = {
  schema: 'projects',
  applicationName: 'terramesh-projects',
  entities: [
    ProjectEntity,
    ProjectTagEntity,
    TeamProjectEntity,
    AccountEntity,
    OrganizationEntity,
    TeamEntity,
    TokenEntity,
  ],
  migrations: [CreateIdentity1764000000001, CreateProjects1764000000002, CreateWorkspaces1764000000003],
};
