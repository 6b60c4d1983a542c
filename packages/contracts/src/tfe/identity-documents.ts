// The request documents around projects: organizations, teams, members, accounts, tokens, with the words of every broken rule.
import { z } from 'zod';

const text = (label: string) =>
  z.string({
    error: ({ input }) =>
      input === undefined || input === null ? `${label} can't be blank` : `${label} must be a string`,
  });

const flag = (label: string) => z.boolean({ error: `${label} must be true or false` });

const words = { pattern: /^[0-9A-Za-z_-]+$/, told: 'letters, numbers, hyphens, and underscores' };
/** The documentation knows no spaces in names of teams; the API has them, and HashiCorp's own tests use them. */
const spacedWords = {
  pattern: /^[0-9A-Za-z_-]+(?: +[0-9A-Za-z_-]+)*$/,
  told: 'letters, numbers, spaces, hyphens, and underscores, and may not begin or end with a space',
};

interface NameRules {
  readonly min: number;
  readonly max: number;
  readonly characters?: typeof words;
}

/** Every broken rule of a name at once. */
function nameOf(label: string, { min, max, characters = words }: NameRules) {
  return text(label).superRefine((name, context) => {
    const tell = (message: string) => context.addIssue({ code: 'custom', message });
    if (name.trim() === '') tell(`${label} can't be blank`);
    if ([...name].length < min) tell(`${label} is too short (minimum is ${min} characters)`);
    if ([...name].length > max) tell(`${label} is too long (maximum is ${max} characters)`);
    if (name !== '' && !characters.pattern.test(name)) tell(`${label} may only contain ${characters.told}`);
  });
}

const Email = text('Email')
  .max(254, 'Email is too long (maximum is 254 characters)')
  .regex(/^[^\s@\p{C}]+@[^\s@\p{C}]+$/u, 'Email is invalid');

/** Words for people: no control characters, and nothing that Postgres does not store. */
const prose = (label: string, max: number) =>
  z
    .string({ error: `${label} must be a string` })
    .max(max, `${label} is too long (maximum is ${max} characters)`)
    .refine((value) => !/(?![\n\r\t])\p{Cc}|\p{Surrogate}/u.test(value), {
      error: `${label} may not contain control characters`,
    });

function documentOf<A extends z.ZodType>(type: string, attributes: A) {
  return z.object({
    data: z.object(
      { type: z.literal(type, { error: `Type must be ${type}` }), attributes },
      { error: 'Data must be an object' },
    ),
  });
}

function attributesOf<S extends z.ZodRawShape>(shape: S) {
  return z.object(shape, { error: 'Attributes must be an object' });
}

const minutes = (label: string) =>
  z
    .int({ error: `${label} must be a number` })
    .min(1, `${label} is too small`)
    .nullish();

const settings = {
  'session-timeout': minutes('Session timeout'),
  'session-remember': minutes('Session remember'),
  'collaborator-auth-policy': z
    .enum(['password', 'two_factor_mandatory'], { error: 'Collaborator auth policy is not included in the list' })
    // Whoever asks for more safety is not told that it is there.
    .refine((policy) => policy === 'password', { error: 'Mandatory two factor authentication is not supported' })
    .nullish(),
  'cost-estimation-enabled': flag('Cost estimation enabled').nullish(),
  'send-passing-statuses-for-untriggered-speculative-plans': flag('Send passing statuses').nullish(),
  'aggregated-commit-status-enabled': flag('Aggregated commit status enabled').nullish(),
  'speculative-plan-management-enabled': flag('Speculative plan management enabled').nullish(),
  'assessments-enforced': flag('Assessments enforced').nullish(),
  'allow-force-delete-workspaces': flag('Allow force delete workspaces').nullish(),
  'default-execution-mode': z
    .enum(['remote', 'local', 'agent'], { error: 'Default execution mode is not included in the list' })
    .nullish(),
  'owners-team-saml-role-id': prose('Owners team saml role', 255).nullish(),
  'user-tokens-enabled': flag('User tokens enabled')
    .refine((isEnabled) => isEnabled, { error: 'User tokens cannot be disabled' })
    .nullish(),
};

const OrganizationName = nameOf('Name', { min: 3, max: 40 });

const AgentPool = z.object(
  { data: z.object({ id: z.string() }, { error: 'Default agent pool must have an id' }).nullish() },
  { error: 'Default agent pool must be an object with data' },
);

function organizationOf<A extends z.ZodType>(attributes: A) {
  const relationships = z
    .object({ 'default-agent-pool': AgentPool.optional() }, { error: 'Relationships must be an object' })
    .nullish();
  const data = z
    .object(
      {
        type: z.literal('organizations', { error: 'Type must be organizations' }),
        attributes,
        relationships,
      },
      { error: 'Data must be an object' },
    )
    // Also when single members are wrong, so that everything wrong is told at once.
    .superRefine(checkAgentPool, { when: () => true });
  return z.object({ data });
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** There are no agent pools here, so none is accepted; that is told in the words clients know. */
function checkAgentPool(given: unknown, context: z.RefinementCtx): void {
  const pooled = member(member(member(given, 'relationships'), 'default-agent-pool'), 'data');
  const hasPool = pooled !== undefined && pooled !== null;
  const isAgent = member(member(given, 'attributes'), 'default-execution-mode') === 'agent';
  const refuse = (message: string, path: string[]) => context.addIssue({ code: 'custom', message, path });
  const pool = ['relationships', 'default-agent-pool'];
  if (hasPool && isAgent) refuse('Default agent pool does not exist', pool);
  if (hasPool && !isAgent) refuse("Default agent pool must not be specified unless using 'agent' execution mode", pool);
  if (!hasPool && isAgent) {
    const mode = ['attributes', 'default-execution-mode'];
    refuse("Default agent pool must be specified when using 'agent' execution mode", mode);
  }
}

export const CreateOrganizationDocument = organizationOf(
  attributesOf({ name: OrganizationName, email: Email, ...settings }),
).meta({ id: 'CreateOrganizationDocument' });

export const UpdateOrganizationDocument = organizationOf(
  attributesOf({ name: OrganizationName.optional(), email: Email.optional(), ...settings }).prefault({}),
).meta({ id: 'UpdateOrganizationDocument' });

/** What a team may be allowed in its organization. */
export const organizationAccessNames = [
  'manage-policies',
  'manage-policy-overrides',
  'delegate-policy-overrides',
  'manage-workspaces',
  'manage-vcs-settings',
  'manage-providers',
  'manage-modules',
  'manage-run-tasks',
  'manage-projects',
  'read-workspaces',
  'read-projects',
  'manage-membership',
  'manage-teams',
  'manage-organization-access',
  'access-secret-teams',
  'manage-agent-pools',
] as const;
export type OrganizationAccessName = (typeof organizationAccessNames)[number];

const OrganizationAccess = z
  .partialRecord(z.string(), flag('Organization access').nullable(), { error: 'Organization access must be an object' })
  .describe(`true or false for each of ${organizationAccessNames.join(', ')}; others are ignored`);

const team = {
  'sso-team-id': prose('Sso team', 255).nullish(),
  'organization-access': OrganizationAccess.nullish(),
  visibility: z.enum(['secret', 'organization'], { error: 'Visibility is not included in the list' }).nullish(),
  'allow-member-token-management': flag('Allow member token management').nullish(),
};

const TeamName = nameOf('Name', { min: 1, max: 90, characters: spacedWords });

export const CreateTeamDocument = documentOf('teams', attributesOf({ name: TeamName, ...team })).meta({
  id: 'CreateTeamDocument',
});

export const UpdateTeamDocument = documentOf(
  'teams',
  attributesOf({ name: TeamName.optional(), ...team }).prefault({}),
).meta({ id: 'UpdateTeamDocument' });

function identifiers(type: string, what: string) {
  return z
    .array(
      z.object(
        {
          type: z.literal(type, { error: `Type must be ${type}` }),
          id: z.string({ error: 'Id must be a string' }).max(255, 'Id is too long'),
        },
        { error: `${what} must be a list of objects` },
      ),
      { error: `${what} must be a list` },
    )
    .max(1000, `${what} may have 1000 items at most`);
}

/** Each id is a username. */
export const TeamUsersDocument = z.object({ data: identifiers('users', 'Users') }).meta({ id: 'TeamUsersDocument' });

export const TeamMembershipsDocument = z
  .object({ data: identifiers('organization-memberships', 'Organization memberships') })
  .meta({ id: 'TeamMembershipsDocument' });

/** Somebody who has an account, by the address or by the name. */
export const CreateMembershipDocument = z
  .object({
    data: z.object(
      {
        type: z.literal('organization-memberships', { error: 'Type must be organization-memberships' }),
        attributes: attributesOf({
          email: Email.optional(),
          username: text('Username').max(255, 'Username is too long').optional(),
        }).refine(({ email, username }) => (email === undefined) !== (username === undefined), {
          error: "Email can't be blank",
          path: ['email'],
        }),
        relationships: z
          .object(
            {
              teams: z.object({ data: identifiers('teams', 'Teams') }, { error: 'Teams must be an object' }).nullish(),
            },
            { error: 'Relationships must be an object' },
          )
          .nullish(),
      },
      { error: 'Data must be an object' },
    ),
  })
  .meta({ id: 'CreateMembershipDocument' });

const Username = nameOf('Username', { min: 3, max: 60 });

export const CreateAccountDocument = documentOf(
  'users',
  attributesOf({ username: Username, email: Email, 'is-admin': flag('Is admin').nullish() }),
).meta({ id: 'CreateAccountDocument' });

export const UpdateAccountDocument = documentOf(
  'users',
  attributesOf({ username: Username.optional(), email: Email.optional() }).prefault({}),
).meta({ id: 'UpdateAccountDocument' });

const ExpiredAt = z.iso
  .datetime({ offset: true, error: 'Expired at must be an ISO 8601 time, for example 2030-01-01T00:00:00.000Z' })
  .refine((time) => Date.parse(time) > Date.now(), { error: 'Expired at must be in the future' });

/** Everything is optional: a request without a body asks for a token that does not expire. */
export const CreateTokenDocument = z
  .object({
    data: z.object(
      {
        type: z.literal('authentication-tokens', { error: 'Type must be authentication-tokens' }).nullish(),
        attributes: attributesOf({
          description: prose('Description', 255).nullish(),
          'expired-at': ExpiredAt.nullish(),
        }).nullish(),
      },
      { error: 'Data must be an object' },
    ),
  })
  .meta({ id: 'CreateTokenDocument' });
