// The request documents of projects: their schemas, with the words of every broken rule.
import { z } from 'zod';
import { ExecutionMode } from './projects.js';
import { TagBindingItems } from './tag-bindings.js';

export interface ProjectRules {
  /** 36, as the API's first documentation has it, or 40, as later ones do. */
  readonly maxNameLength: number;
}

const minNameLength = 3;
const maxDescriptionLength = 256;
const maxMoved = 1000;

/** What is wrong with a name; the characters are the ASCII ones, as clients check them too. */
export function projectNameProblems(name: string, { maxNameLength }: ProjectRules): string[] {
  const length = [...name].length;
  const problems: string[] = [];
  if (name.trim() === '') problems.push("Name can't be blank");
  if (length < minNameLength) problems.push(`Name is too short (minimum is ${minNameLength} characters)`);
  if (length > maxNameLength) problems.push(`Name is too long (maximum is ${maxNameLength} characters)`);
  if (name !== '' && !/^(?! )[0-9A-Za-z _-]+(?<! )$/.test(name)) {
    problems.push(
      'Name may only contain letters, numbers, spaces, hyphens, and underscores, and may not begin or end with a space',
    );
  }
  return problems;
}

export function createProjectDocument(rules: ProjectRules) {
  const attributes = z.object({ name: projectName(rules), ...attributesOf }, { error: 'Attributes must be an object' });
  return documentOf(attributes.prefault({} as never)).meta({ id: 'CreateProjectDocument' });
}

/** What is absent keeps its value. */
export function updateProjectDocument(rules: ProjectRules) {
  const attributes = z.object(
    { name: projectName(rules).optional(), ...attributesOf },
    { error: 'Attributes must be an object' },
  );
  return documentOf(attributes.prefault({})).meta({ id: 'UpdateProjectDocument' });
}

/** The workspaces to move into the project. */
export const MoveWorkspacesDocument = z
  .object({
    data: z
      .array(
        z.object(
          {
            type: z.literal('workspaces', { error: 'Type must be workspaces' }),
            id: z.string({ error: 'Id must be a string' }).max(100, 'Id is too long'),
          },
          { error: 'Workspace must be an object' },
        ),
        { error: 'Workspaces must be a list' },
      )
      .max(maxMoved, `cannot move more than ${maxMoved} workspaces at once`),
  })
  .meta({ id: 'MoveWorkspacesDocument' });

function projectName(rules: ProjectRules) {
  return z
    .string({
      error: ({ input }) => (input === undefined || input === null ? "Name can't be blank" : 'Name must be a string'),
    })
    .superRefine((name, context) => {
      for (const message of projectNameProblems(name, rules)) context.addIssue({ code: 'custom', message });
    });
}

const Description = z
  .string({ error: 'Description must be a string' })
  .refine((text) => [...text].length <= maxDescriptionLength, {
    error: `Description is too long (maximum is ${maxDescriptionLength} characters)`,
  })
  // Postgres stores neither NUL nor half of a surrogate pair.
  .refine((text) => !/(?![\n\r\t])\p{Cc}|\p{Surrogate}/u.test(text), {
    error: 'Description may not contain control characters',
  });

export const AutoDestroyDuration = z
  .string({ error: 'Auto destroy activity duration must be a string' })
  .refine((text) => /^(?!0+[dh])\d{1,4}[dh]$/.test(text), {
    error:
      "Auto destroy activity duration has an incorrect format, we expect up to 4 numeric digits and 1 unit ('d' or 'h')",
  });

const executionModes = ExecutionMode.options;
const Mode = z.enum(executionModes, { error: `Default execution mode must be one of ${executionModes.join(', ')}` });
const PoolId = z.string({ error: 'Default agent pool must be a string' });
const Overwrite = z.boolean({ error: 'Setting overwrites must be true or false' });

// Two names for each member: the documentation writes one, clients the other.
const Overwrites = z.object(
  {
    'default-execution-mode': Overwrite.nullish(),
    'execution-mode': Overwrite.nullish(),
    'default-agent-pool': Overwrite.nullish(),
    'agent-pool': Overwrite.nullish(),
  },
  { error: 'Setting overwrites must be an object' },
);

const attributesOf = {
  description: Description.nullish(),
  'auto-destroy-activity-duration': AutoDestroyDuration.nullish(),
  'default-execution-mode': Mode.nullish(),
  'default-agent-pool-id': PoolId.nullish(),
  'default-agent-pool': PoolId.nullish(),
  'setting-overwrites': Overwrites.nullish(),
};

const Relationships = z.object(
  {
    'tag-bindings': z
      .object({ data: TagBindingItems }, { error: 'Tag bindings must be an object with data' })
      .optional(),
    'default-agent-pool': z
      .object({ data: z.object({ id: PoolId }).nullish() }, { error: 'Default agent pool must be an object with data' })
      .optional(),
  },
  { error: 'Relationships must be an object' },
);

function documentOf<A extends z.ZodType>(attributes: A) {
  const data = z
    .object(
      {
        type: z.literal('projects', { error: 'Type must be projects' }),
        attributes,
        relationships: Relationships.nullish(),
      },
      { error: 'Data must be an object' },
    )
    // Also when single members are wrong, so that everything wrong is told at once.
    .superRefine(checkExecution, { when: () => true });
  return z.object({ data });
}

/** There are no agent pools here, so the rules end in none being accepted; they are told in the words clients know. */
function checkExecution(data: unknown, context: z.RefinementCtx): void {
  const attributes = member(data, 'attributes');
  const mode = member(attributes, 'default-execution-mode');
  const overwrites = member(attributes, 'setting-overwrites');
  const hasPool = [
    member(attributes, 'default-agent-pool-id'),
    member(attributes, 'default-agent-pool'),
    member(member(member(member(data, 'relationships'), 'default-agent-pool'), 'data'), 'id'),
  ].some((id) => typeof id === 'string' && id !== '');
  const refuse = (message: string, params: object = {}) =>
    context.addIssue({ code: 'custom', message, params, path: ['attributes', 'default-agent-pool'] });
  if (hasPool && mode !== 'agent') {
    refuse("Agent pool must not be specified unless using 'agent' execution mode", { title: 'unprocessable entity' });
  }
  if (hasPool && mode === 'agent') refuse('Default agent pool does not exist');
  if (!hasPool && mode === 'agent') refuse("Default agent pool must be specified when using 'agent' execution mode");
  const executionMode = member(overwrites, 'default-execution-mode') ?? member(overwrites, 'execution-mode');
  const agentPool = member(overwrites, 'default-agent-pool') ?? member(overwrites, 'agent-pool');
  if (typeof executionMode === 'boolean' && typeof agentPool === 'boolean' && executionMode !== agentPool) {
    context.addIssue({
      code: 'custom',
      message:
        'If agent-pool and execution-mode are both included in setting-overwrites, their values must be the same.',
      path: ['attributes', 'setting-overwrites'],
    });
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
