// What may be set on an organization beside its name and its address. Most of it only has to be remembered here.

export interface OrganizationSettings {
  readonly sessionTimeout: number | null;
  readonly sessionRemember: number | null;
  readonly collaboratorAuthPolicy: 'password' | 'two_factor_mandatory';
  readonly costEstimationEnabled: boolean;
  readonly sendPassingStatusesForUntriggeredSpeculativePlans: boolean;
  readonly aggregatedCommitStatusEnabled: boolean;
  readonly speculativePlanManagementEnabled: boolean;
  readonly assessmentsEnforced: boolean;
  readonly allowForceDeleteWorkspaces: boolean;
  readonly defaultExecutionMode: 'remote' | 'local' | 'agent';
  readonly ownersTeamSamlRoleId: string | null;
  readonly userTokensEnabled: boolean;
}

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
