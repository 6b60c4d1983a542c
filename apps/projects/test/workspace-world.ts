// A TFE world with workspaces: stand-ins for who holds them, and short words for what tests do with them.
import { type Caller, isAppError, type Workspace, type WorkspaceKey, workspaces } from '@terramesh/contracts';
import { type Held, heldWorkspaces } from './stand-ins/held-workspaces.js';
import { type Organization, startTfeWorld, type TfeWorld } from './tfe-world.js';

export interface WorkspaceWorld extends TfeWorld {
  readonly acme: Organization;
  readonly held: Held;
  create(attributes: object, relationships?: object, caller?: Caller): Promise<Workspace>;
  update(id: string, attributes: object, relationships?: object, caller?: Caller): Promise<Workspace>;
  show(key: WorkspaceKey, caller?: Caller): Promise<Workspace>;
  lock(id: string, caller?: Caller): Promise<Workspace>;
}

/** Two replicas; the owner of `Acme` does what nobody else is named for. */
export async function startWorkspaceWorld(): Promise<WorkspaceWorld> {
  const world = await startTfeWorld({ TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*,gitlab.com/acme/*' });
  const { held, locks, runs } = heldWorkspaces();
  await world.addService('locks', locks);
  await world.addService('runs', runs);
  await world.addReplica();
  const acme = await world.addOrganization('Acme');
  const { mesh } = world;
  return {
    ...world,
    acme,
    held,
    create: (attributes, relationships, caller = acme.owner) =>
      mesh.call(workspaces.create, {
        caller,
        organizationName: 'acme',
        document: documentOf(attributes, relationships),
      }),
    update: (id, attributes, relationships, caller = acme.owner) =>
      mesh.call(workspaces.update, { caller, key: { id }, document: documentOf(attributes, relationships) }),
    show: (key, caller = acme.owner) => mesh.call(workspaces.show, { caller, key }),
    lock: (id, caller = acme.owner) =>
      mesh.call(workspaces.lock, { caller, key: { id }, document: { reason: 'because' } }),
  };
}

function documentOf(attributes: object, relationships?: object) {
  return { data: { type: 'workspaces', attributes, ...(relationships === undefined ? {} : { relationships }) } };
}

export const inProject = (id: string) => ({ project: { data: { type: 'projects', id } } });

export const bound = (directory: string, more: object = {}) => ({
  'vcs-repo': { identifier: 'acme/infra', branch: 'main', 'service-provider': 'github' },
  'working-directory': directory,
  ...more,
});

/** The broken rules that a call was refused for. */
export async function problemsOf(call: Promise<unknown>): Promise<unknown> {
  const error: unknown = await call.then(
    () => undefined,
    (reason) => reason,
  );
  return isAppError(error) ? (error.details as { problems?: unknown })?.problems : error;
}

/** `done` or the code of each, sorted. */
export async function outcomesOf(calls: Promise<unknown>[]): Promise<string[]> {
  const settled = await Promise.allSettled(calls);
  return settled
    .map((one) => {
      if (one.status === 'fulfilled') return 'done';
      if (!isAppError(one.reason)) throw one.reason;
      return one.reason.code;
    })
    .sort();
}
