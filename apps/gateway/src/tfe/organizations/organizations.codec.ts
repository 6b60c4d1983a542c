import type { Organization } from '@terramesh/contracts';
import { kebabKeys } from '../kebab.js';
import type { Resource } from '../send-document.js';

/** The same from every route. The id is the name; links hold it too. */
export function encodeOrganization(organization: Organization): Resource {
  const { name, id, defaultProjectId } = organization;
  const path = `/api/v2/organizations/${name}`;
  return {
    id: name,
    type: 'organizations',
    attributes: {
      name,
      email: organization.email,
      'external-id': id,
      'created-at': organization.createdAt,
      ...kebabKeys(organization.settings),
      'saml-enabled': false,
      'two-factor-conformant': true,
      permissions: { ...kebabKeys(organization.permissions), ...notHere },
    },
    relationships: {
      'default-project': {
        data: defaultProjectId === null ? null : { id: defaultProjectId, type: 'projects' },
        ...(defaultProjectId === null ? {} : { links: { related: `/api/v2/projects/${defaultProjectId}` } }),
      },
      'default-agent-pool': { data: null },
      'entitlement-set': {
        data: { id, type: 'entitlement-sets' },
        links: { related: `${path}/entitlement-set` },
      },
      'authentication-token': { links: { related: `${path}/authentication-token` } },
    },
    links: { self: path },
  };
}

/** Nobody may do here what does not exist here. */
const notHere = {
  'can-create-workspace-migration': false,
  'can-deploy-no-code-modules': false,
  'can-manage-auditing': false,
  'can-manage-no-code-modules': false,
  'can-manage-run-tasks': false,
  'can-update-oauth': false,
  'can-update-sentinel': false,
};

/** What there is: teams. Runs that a client starts and watches, and state, are not served under /api/v2. */
export function encodeEntitlements({ id }: Organization): Resource {
  return {
    id,
    type: 'entitlement-sets',
    attributes: {
      agents: false,
      'audit-logging': false,
      'configuration-designer': false,
      'cost-estimation': false,
      'global-run-tasks': false,
      operations: false,
      'policy-enforcement': false,
      'private-module-registry': false,
      'private-run-tasks': false,
      'run-tasks': false,
      sentinel: false,
      sso: false,
      'state-storage': false,
      teams: true,
      'usage-reporting': false,
      'user-limit': null,
      'policy-limit': null,
      'vcs-integrations': false,
    },
    links: { self: `/api/v2/entitlement-sets/${id}` },
  };
}
