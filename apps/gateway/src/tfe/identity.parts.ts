// Everything of the TFE API that is neither a project nor a workspace.
import { AccountsController } from './accounts/accounts.controller.js';
import { accountRoutes } from './accounts/accounts.routes.js';
import { DiscoveryController } from './discovery.controller.js';
import { discoveryRoutes } from './discovery.routes.js';
import { OrganizationsController } from './organizations/organizations.controller.js';
import { organizationRoutes } from './organizations/organizations.routes.js';
import { MembershipsController } from './teams/memberships.controller.js';
import { membershipRoutes } from './teams/memberships.routes.js';
import { Sideloads } from './teams/sideloads.js';
import { TeamsController } from './teams/teams.controller.js';
import { teamRoutes } from './teams/teams.routes.js';
import { TokenAnswers } from './tokens/token-answers.js';
import { TokensController } from './tokens/tokens.controller.js';
import { tokenRoutes } from './tokens/tokens.routes.js';

export const identityControllers = [
  DiscoveryController,
  OrganizationsController,
  AccountsController,
  TeamsController,
  MembershipsController,
  TokensController,
];

export const identityProviders = [Sideloads, TokenAnswers];

export const identityRoutes = [
  discoveryRoutes,
  organizationRoutes,
  accountRoutes,
  teamRoutes,
  membershipRoutes,
  tokenRoutes,
];
