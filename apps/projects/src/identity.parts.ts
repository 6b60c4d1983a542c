// Who calls, and who belongs to what: everything of the TFE API that is neither a project nor a workspace.
import { AccessController } from './access/access.controller.js';
import { BucketSweeper } from './access/bucket-sweeper.js';
import { Identify } from './access/identify.js';
import { AccountsController } from './accounts/accounts.controller.js';
import { FindAccounts } from './accounts/find-accounts.js';
import { WriteAccounts } from './accounts/write-accounts.js';
import { ChangeMemberships } from './memberships/change-memberships.js';
import { FindMemberships } from './memberships/find-memberships.js';
import { MembershipsController } from './memberships/memberships.controller.js';
import { CreateOrganization } from './organizations/create-organization.js';
import { DeleteOrganization } from './organizations/delete-organization.js';
import { FindOrganizations } from './organizations/find-organizations.js';
import { OrganizationsController } from './organizations/organizations.controller.js';
import { UpdateOrganization } from './organizations/update-organization.js';
import { AccountRepository } from './persistence/account.repository.js';
import { IdentifyRepository } from './persistence/identify.repository.js';
import { MembershipRepository } from './persistence/membership.repository.js';
import { OrganizationRepository } from './persistence/organization.repository.js';
import { TeamRepository } from './persistence/team.repository.js';
import { TokenRepository } from './persistence/token.repository.js';
import { ChangeMembers } from './teams/change-members.js';
import { FindTeams } from './teams/find-teams.js';
import { OpenTeam } from './teams/open-team.js';
import { TeamsController } from './teams/teams.controller.js';
import { WriteTeam } from './teams/write-team.js';
import { FindTokens } from './tokens/find-tokens.js';
import { TokenOwners } from './tokens/token-owners.js';
import { TokensController } from './tokens/tokens.controller.js';
import { WriteTokens } from './tokens/write-tokens.js';

const useCases = [
  ChangeMembers,
  ChangeMemberships,
  CreateOrganization,
  DeleteOrganization,
  FindAccounts,
  FindMemberships,
  FindOrganizations,
  FindTeams,
  FindTokens,
  Identify,
  OpenTeam,
  TokenOwners,
  UpdateOrganization,
  WriteAccounts,
  WriteTeam,
  WriteTokens,
];
const repositories = [
  AccountRepository,
  IdentifyRepository,
  MembershipRepository,
  OrganizationRepository,
  TeamRepository,
  TokenRepository,
];

export const identityParts = {
  controllers: [
    AccessController,
    AccountsController,
    MembershipsController,
    OrganizationsController,
    TeamsController,
    TokensController,
  ],
  providers: [...useCases, ...repositories, BucketSweeper],
};
