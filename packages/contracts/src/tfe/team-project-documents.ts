// The request documents of team-projects.
import { z } from 'zod';
import { ProjectAccess, ProjectAccessName, WorkspaceAccess } from './project-access.js';

const level = <V extends string>(label: string, { options }: { readonly options: readonly V[] }) =>
  z.enum(options, { error: `${label} must be one of ${options.join(', ')}` }).nullish();
const flag = (label: string) => z.boolean({ error: `${label} must be true or false` }).nullish();

const { settings, teams, variableSets } = ProjectAccess.shape;
const { runs, variables, stateVersions, sentinelMocks } = WorkspaceAccess.shape;

const attributes = {
  'project-access': z
    .object(
      {
        settings: level('Settings', settings),
        teams: level('Teams', teams),
        'variable-sets': level('Variable sets', variableSets),
      },
      { error: 'Project access must be an object' },
    )
    .nullish(),
  'workspace-access': z
    .object(
      {
        runs: level('Runs', runs),
        variables: level('Variables', variables),
        'state-versions': level('State versions', stateVersions),
        'sentinel-mocks': level('Sentinel mocks', sentinelMocks),
        create: flag('Create'),
        locking: flag('Locking'),
        delete: flag('Delete'),
        move: flag('Move'),
        'run-tasks': flag('Run tasks'),
        'policy-overrides': flag('Policy overrides'),
      },
      { error: 'Workspace access must be an object' },
    )
    .nullish(),
};

const names = ProjectAccessName.options;
const Access = z.enum(names, {
  error: ({ input }) =>
    input === undefined || input === null ? "Access can't be blank" : `Access must be one of ${names.join(', ')}`,
});
const Type = z.literal('team-projects', { error: 'Type must be team-projects' });
const dataError = { error: 'Data must be an object' };
const attributesError = { error: 'Attributes must be an object' };

const one = (label: string, type: string) =>
  z.object(
    {
      data: z.object(
        {
          type: z.literal(type, { error: `Type must be ${type}` }),
          id: z.string({ error: 'Id must be a string' }).max(100, 'Id is too long'),
        },
        { error: `${label} must be an object with type and id` },
      ),
    },
    { error: ({ input }) => (input === undefined ? `${label} must exist` : `${label} must be an object with data`) },
  );

export const CreateTeamProjectDocument = z
  .object({
    data: z.object(
      {
        type: Type,
        attributes: z.object({ access: Access, ...attributes }, attributesError),
        relationships: z.object(
          { team: one('Team', 'teams'), project: one('Project', 'projects') },
          { error: 'Relationships must be an object with team and project' },
        ),
      },
      dataError,
    ),
  })
  .meta({ id: 'CreateTeamProjectDocument' });
export type CreateTeamProjectDocument = z.infer<typeof CreateTeamProjectDocument>;

/** What is absent keeps its value. */
export const UpdateTeamProjectDocument = z
  .object({
    data: z.object(
      {
        type: Type,
        attributes: z.object({ access: Access.optional(), ...attributes }, attributesError),
      },
      dataError,
    ),
  })
  .meta({ id: 'UpdateTeamProjectDocument' });
