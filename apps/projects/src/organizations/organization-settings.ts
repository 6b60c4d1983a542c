import type { OrganizationSettings } from '@terramesh/contracts';

/** Attributes of a document, by the names that they have there. */
type Attributes = Readonly<Record<string, unknown>>;

const names: Readonly<Record<string, keyof OrganizationSettings>> = {
  'session-timeout': 'sessionTimeout',
  'session-remember': 'sessionRemember',
  'collaborator-auth-policy': 'collaboratorAuthPolicy',
  'cost-estimation-enabled': 'costEstimationEnabled',
  'send-passing-statuses-for-untriggered-speculative-plans': 'sendPassingStatusesForUntriggeredSpeculativePlans',
  'aggregated-commit-status-enabled': 'aggregatedCommitStatusEnabled',
  'speculative-plan-management-enabled': 'speculativePlanManagementEnabled',
  'assessments-enforced': 'assessmentsEnforced',
  'allow-force-delete-workspaces': 'allowForceDeleteWorkspaces',
  'default-execution-mode': 'defaultExecutionMode',
  'owners-team-saml-role-id': 'ownersTeamSamlRoleId',
  'user-tokens-enabled': 'userTokensEnabled',
};

/** What the document sets, over what was set before. An explicit null goes back to the default. */
export function changedSettings(
  before: Partial<OrganizationSettings>,
  attributes: Attributes,
): Partial<OrganizationSettings> {
  const settings: Record<string, unknown> = { ...before };
  for (const [name, member] of Object.entries(names)) {
    const value = attributes[name];
    if (value === null) delete settings[member];
    else if (value !== undefined) settings[member] = value;
  }
  return settings as Partial<OrganizationSettings>;
}
