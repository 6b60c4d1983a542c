// The request documents of workspaces: their schemas, with the words of every broken rule.
import { z } from 'zod';
import { Ref, TerraformWorkspaceName } from '../start-run.js';
import { AutoDestroyDuration } from './project-documents.js';
import { ExecutionMode } from './projects.js';
import { TagBindingItems } from './tag-bindings.js';

const maxNameLength = 90;
const maxTextLength = 1024;
const maxTriggers = 20;
/** Of one workspace. */
export const maxTagNames = 50;

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what it refuses
const line = /^[^\x00-\x1f\x7f\p{Surrogate}]*$/u;

const text = (label: string, maxLength = maxTextLength) =>
  z
    .string({ error: `${label} must be a string` })
    .refine((value) => [...value].length <= maxLength, `${label} is too long (maximum is ${maxLength} characters)`)
    .refine((value) => line.test(value.replace(/[\t\n\r]/g, ' ')), `${label} may not contain control characters`);
const flag = (label: string) => z.boolean({ error: `${label} must be true or false` }).nullish();
const object = { error: 'Attributes must be an object' };

const Name = z
  .string({
    error: ({ input }) => (input === undefined || input === null ? "Name can't be blank" : 'Name must be a string'),
  })
  .superRefine((name, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', message });
    if (name.trim() === '') refuse("Name can't be blank");
    if ([...name].length > maxNameLength) refuse(`Name is too long (maximum is ${maxNameLength} characters)`);
    if (name.trim() !== '' && !/^[0-9A-Za-z_-]*$/.test(name)) {
      refuse('Name may only contain letters, numbers, hyphens, and underscores');
    }
  });

/** Inside the repository, as text: `modules/vpc`, `./vpc/`. */
const WorkingDirectory = text('Working directory').refine(
  (directory) => !directory.startsWith('/') && !directory.split('/').includes('..') && line.test(directory),
  "Working directory must be relative to the repository's root and may not contain '..'",
);

/** `1.11.4`, `1.12.0-beta1`, `~> 1.11.0`, `>= 1.5, < 2`. */
const versionConstraint = /^ *(=|!=|>=?|<=?|~>)? *v?\d{1,9}(\.\d{1,9}){0,2}([-+][0-9A-Za-z.+-]+)? *$/;

const TerraformVersion = text('Terraform version', 100).superRefine((version, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  if (version.trim() === '') refuse("Terraform version can't be blank");
  else if (version !== 'latest' && !version.split(',').every((part) => versionConstraint.test(part))) {
    refuse("Terraform version must be a version, a constraint of versions, or 'latest'");
  }
});

const providers = ['github', 'gitlab', 'gitea'] as const;
const notServed = (what: string) => `${what} is not supported`;

/** `service-provider` says which host the identifier is of; clients that cannot say it mean the first. */
const VcsRepo = z.object(
  {
    identifier: text('Identifier', 512).optional(),
    branch: z.union([z.literal(''), Ref], { error: 'Branch is not a branch, tag or commit' }).nullish(),
    'service-provider': z
      .enum(providers, { error: `Service provider must be one of ${providers.join(', ')}` })
      .nullish(),
    'oauth-token-id': text('OAuth token', 255).nullish(),
    'github-app-installation-id': text('GitHub app installation', 255).nullish(),
    'ingress-submodules': z.literal(false, { error: notServed('Ingress of submodules') }).nullish(),
    'tags-regex': z.literal('', { error: notServed('A trigger by tags') }).nullish(),
  },
  { error: 'Vcs repo must be an object' },
);

const triggers = (label: string) =>
  z
    .array(text(label, 255), { error: `${label} must be a list` })
    .max(maxTriggers, `${label} may be ${maxTriggers} at most`)
    .nullish();

const attributesOf = {
  description: text('Description').nullish(),
  'execution-mode': z
    .enum(ExecutionMode.options, { error: `Execution mode must be one of ${ExecutionMode.options.join(', ')}` })
    .nullish(),
  operations: flag('Operations'),
  'agent-pool-id': text('Agent pool', 255).nullish(),
  'terraform-version': TerraformVersion.nullish(),
  'working-directory': WorkingDirectory.nullish(),
  'terraform-workspace': z
    .union([TerraformWorkspaceName.min(1)], { error: 'Terraform workspace is not a name of a workspace' })
    .nullish(),
  'vcs-repo': VcsRepo.nullish(),
  'setting-overwrites': z
    .object(
      { 'execution-mode': flag('Setting overwrites'), 'agent-pool': flag('Setting overwrites') },
      { error: 'Setting overwrites must be an object' },
    )
    .nullish(),
  'allow-destroy-plan': flag('Allow destroy plan'),
  'assessments-enabled': flag('Assessments enabled'),
  'auto-apply': flag('Auto apply'),
  'auto-apply-run-trigger': flag('Auto apply run trigger'),
  'file-triggers-enabled': flag('File triggers enabled'),
  'global-remote-state': flag('Global remote state'),
  'queue-all-runs': flag('Queue all runs'),
  'speculative-enabled': flag('Speculative enabled'),
  'structured-run-output-enabled': flag('Structured run output enabled'),
  'source-name': text('Source name').nullish(),
  'source-url': text('Source url').nullish(),
  'trigger-prefixes': triggers('Trigger prefixes'),
  'trigger-patterns': triggers('Trigger patterns'),
  'inherits-project-auto-destroy': flag('Inherits project auto destroy'),
  'auto-destroy-at': z.iso.datetime({ offset: true, error: 'Auto destroy at must be a time' }).nullish(),
  'auto-destroy-activity-duration': AutoDestroyDuration.nullish(),
};

const TagName = z.string({ error: 'Name must be a string' }).superRefine((name, context) => {
  const refuse = (message: string) => context.addIssue({ code: 'custom', message });
  if (name === '') refuse("Name can't be blank");
  if (name.length > 255) refuse('Name is too long (maximum is 255 characters)');
  if (!/^[0-9A-Za-z_:-]*$/.test(name)) {
    refuse("Name may only contain letters, numbers, and the characters '-', '_' and ':'");
  }
});

/** Tags come by name, or by the id that a list of tags gave. */
const TagItems = z
  .array(
    z.object(
      {
        type: z.literal('tags', { error: 'Type must be tags' }),
        id: z.string({ error: 'Id must be a string' }).max(100, 'Id is too long').optional(),
        attributes: z.object({ name: TagName }, object).optional(),
      },
      { error: 'Tag must be an object' },
    ),
    { error: 'Tags must be a list' },
  )
  .max(maxTagNames, `Tags may be ${maxTagNames} at most`);

const Relationships = z.object(
  {
    project: z
      .object(
        {
          data: z.object(
            {
              type: z.literal('projects', { error: 'Type must be projects' }),
              id: z.string({ error: 'Id must be a string' }).max(100, 'Id is too long'),
            },
            { error: 'Project must be an object with type and id' },
          ),
        },
        { error: 'Project must be an object with data' },
      )
      .nullish(),
    tags: z.object({ data: TagItems }, { error: 'Tags must be an object with data' }).nullish(),
    'tag-bindings': z
      .object({ data: TagBindingItems }, { error: 'Tag bindings must be an object with data' })
      .nullish(),
  },
  { error: 'Relationships must be an object' },
);

function documentOf<A extends z.ZodType>(attributes: A) {
  return z.object({
    data: z
      .object(
        {
          type: z.literal('workspaces', { error: 'Type must be workspaces' }),
          attributes,
          relationships: Relationships.nullish(),
        },
        { error: 'Data must be an object' },
      )
      // Also when single members are wrong, so that everything wrong is told at once.
      .superRefine(checkExecution, { when: () => true })
      .superRefine(checkTriggers, { when: () => true }),
  });
}

/** There are no agent pools here, so the rules end in none being accepted; they are told in the words clients know. */
function checkExecution(data: unknown, context: z.RefinementCtx): void {
  const attributes = member(data, 'attributes');
  const mode = member(attributes, 'execution-mode');
  const pool = member(attributes, 'agent-pool-id');
  const hasPool = typeof pool === 'string' && pool !== '';
  const refuse = (message: string) =>
    context.addIssue({ code: 'custom', message, path: ['attributes', 'agent-pool-id'] });
  if (hasPool && mode !== 'agent') refuse("Agent pool must not be specified unless using 'agent' execution mode");
  if (hasPool && mode === 'agent') refuse('Agent pool does not exist');
  if (!hasPool && mode === 'agent') refuse("Agent pool must be specified when using 'agent' execution mode");
}

/** Runs are triggered by the one or by the other. */
function checkTriggers(data: unknown, context: z.RefinementCtx): void {
  const attributes = member(data, 'attributes');
  const given = (name: string) => {
    const list = member(attributes, name);
    return Array.isArray(list) && list.length > 0;
  };
  if (!given('trigger-prefixes') || !given('trigger-patterns')) return;
  const message = 'Trigger patterns and trigger prefixes cannot be populated at the same time';
  context.addIssue({ code: 'custom', message, path: ['attributes', 'trigger-patterns'] });
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

export const CreateWorkspaceDocument = documentOf(
  z.object({ name: Name, ...attributesOf }, object).prefault({} as never),
).meta({ id: 'CreateWorkspaceDocument' });
export type CreateWorkspaceDocument = z.output<typeof CreateWorkspaceDocument>;

/** What is absent keeps its value. */
export const UpdateWorkspaceDocument = documentOf(
  z.object({ name: Name.optional(), ...attributesOf }, object).prefault({}),
).meta({ id: 'UpdateWorkspaceDocument' });
export type UpdateWorkspaceDocument = z.output<typeof UpdateWorkspaceDocument>;

/** The body of the paths that add or remove tags. */
export const TagNamesDocument = z.object({ data: TagItems }).meta({ id: 'TagNamesDocument' });

const Reason = text('Reason').nullish();

/** Why it is locked. Clients send it bare, or as an attribute of a resource without a type. */
export const LockDocument = z
  .object(
    {
      reason: Reason,
      data: z
        .object({ attributes: z.object({ reason: Reason }, object).nullish() }, { error: 'Data must be an object' })
        .nullish(),
    },
    { error: 'The document must be an object' },
  )
  .meta({ id: 'LockDocument' });
