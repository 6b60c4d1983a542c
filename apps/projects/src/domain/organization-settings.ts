import type { OrganizationSettings } from '@terramesh/contracts';

/** What may be set on an organization beside its name and its address. Most of it only has to be remembered here. */
export const defaultOrganizationSettings: OrganizationSettings = {
  sessionTimeout: null,
  sessionRemember: null,
  collaboratorAuthPolicy: 'password',
  costEstimationEnabled: false,
  sendPassingStatusesForUntriggeredSpeculativePlans: false,
  aggregatedCommitStatusEnabled: false,
  speculativePlanManagementEnabled: true,
  assessmentsEnforced: false,
  allowForceDeleteWorkspaces: true,
  defaultExecutionMode: 'remote',
  ownersTeamSamlRoleId: null,
  userTokensEnabled: true,
};
