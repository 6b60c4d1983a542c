// Workspaces on real Postgres, on two replicas.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type OperationInput, projects, workspaces } from '@terramesh/contracts';
import {
  bound,
  inProject,
  outcomesOf,
  problemsOf,
  startWorkspaceWorld,
  type WorkspaceWorld,
} from './workspace-world.js';

let world: WorkspaceWorld;
beforeAll(async () => {
  world = await startWorkspaceWorld();
});
afterAll(() => world?.stop());

const list = (search: Partial<OperationInput<typeof workspaces.list>> = {}) =>
  world.mesh.call(workspaces.list, {
    caller: world.acme.owner,
    organizationName: 'Acme',
    page: { number: 1, size: 100 },
    ...search,
  });
const namesOf = async (search: Partial<OperationInput<typeof workspaces.list>>) =>
  (await list(search)).items.map(({ name }) => name);

describe('one workspace', () => {
  test('is the same when it is created, shown by id and by name, listed and updated', async () => {
    const made = await world.create(
      { name: 'same', description: 'a ü', ...bound('./same/') },
      { tags: tagsOf('a', 'b') },
    );
    expect(made).toMatchObject({
      projectId: world.acme.defaultProjectId,
      organizationName: 'Acme',
      workingDirectory: './same/',
      place: { hostname: 'github.com', repository: 'acme/infra', directory: 'same', terraformWorkspace: 'default' },
      tagNames: ['a', 'b'],
      executionMode: 'remote',
      overwritesExecutionMode: false,
      lock: { person: null, holder: null },
    });
    expect(await world.show({ id: made.id })).toEqual(made);
    expect(await world.show({ organizationName: 'ACME', name: 'Same' })).toEqual(made);
    expect((await list({ name: 'same' })).items).toEqual([made]);
    expect(await world.update(made.id, {})).toEqual({ ...made, updatedAt: expect.any(String) });
  });

  test('keeps what an update leaves out, and lets go of what it sets to null', async () => {
    const { id } = await world.create({
      name: 'kept',
      description: 'x',
      'execution-mode': 'local',
      'auto-apply': true,
      'terraform-version': '1.11.4',
      'trigger-prefixes': ['a'],
      ...bound('kept', { 'terraform-workspace': 'prod' }),
    });
    expect(await world.update(id, { name: 'kept-2' })).toMatchObject({
      name: 'kept-2',
      description: 'x',
      executionMode: 'local',
      overwritesExecutionMode: true,
      terraformVersion: '1.11.4',
      terraformWorkspace: 'prod',
      settings: { autoApply: true, triggerPrefixes: ['a'], queueAllRuns: false },
    });
    const emptied = { description: null, 'vcs-repo': null, 'setting-overwrites': { 'execution-mode': false } };
    expect(await world.update(id, emptied)).toMatchObject({
      description: null,
      vcs: null,
      place: null,
      executionMode: 'remote',
      overwritesExecutionMode: false,
    });
  });

  test('starts with the settings that TFE starts it with', async () => {
    expect((await world.create({ name: 'fresh' })).settings).toMatchObject({
      allowDestroyPlan: true,
      fileTriggersEnabled: true,
      speculativeEnabled: true,
      autoApply: false,
      globalRemoteState: false,
      queueAllRuns: false,
    });
  });

  test('tells the auto destroy duration of its project', async () => {
    const { defaultProjectId: id } = world.acme;
    const { id: workspaceId, autoDestroyActivityDuration } = await world.create({ name: 'inherits' });
    expect(autoDestroyActivityDuration).toBeNull();
    const setTo = (duration: string | null) =>
      world.mesh.call(projects.update, {
        caller: world.acme.owner,
        id,
        document: { data: { type: 'projects', attributes: { 'auto-destroy-activity-duration': duration } } },
      });
    await setTo('3d');
    expect(await world.show({ id: workspaceId })).toMatchObject({ autoDestroyActivityDuration: '3d' });
    await setTo(null);
  });

  test('is refused with everything that is wrong with it', async () => {
    const wrong = {
      name: 'a b/',
      description: 7,
      'execution-mode': 'agent',
      'working-directory': '../x',
      'terraform-workspace': '-x',
      'vcs-repo': { identifier: 'acme/infra', branch: '--upload-pack', 'ingress-submodules': true },
    };
    const problems = (await problemsOf(world.create(wrong, { 'tag-bindings': { data: [{ type: 'x' }] } }))) as {
      pointer: string;
      detail: string;
    }[];
    expect(problems.map(({ pointer }) => pointer).sort()).toEqual([
      '/data/attributes/agent-pool-id',
      '/data/attributes/description',
      '/data/attributes/name',
      '/data/attributes/terraform-workspace',
      '/data/attributes/vcs-repo/branch',
      '/data/attributes/vcs-repo/ingress-submodules',
      '/data/attributes/working-directory',
      '/data/relationships/tag-bindings/data/0/attributes',
      '/data/relationships/tag-bindings/data/0/type',
    ]);
    expect(problems.map(({ detail }) => detail)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^Name may only contain/),
        "Agent pool must be specified when using 'agent' execution mode",
      ]),
    );
  });

  test.each([
    ['', "Name can't be blank"],
    ['x'.repeat(91), 'Name is too long (maximum is 90 characters)'],
    ['ünder', 'Name may only contain letters, numbers, hyphens, and underscores'],
    [null, "Name can't be blank"],
  ])('named %p is refused', async (name, detail) => {
    expect(await problemsOf(world.create({ name }))).toEqual([
      { title: 'invalid attribute', detail, pointer: '/data/attributes/name' },
    ]);
  });
});

describe('a binding', () => {
  test.each([
    [{ identifier: 'other/infra' }, 'repo not allowlisted'],
    [{ identifier: 'acme/../infra' }, 'repository must be owner/name'],
    [{ identifier: 'acme' }, 'repository must be owner/name'],
    [{}, "Identifier can't be blank"],
  ])('to %p is refused', async (vcs, detail) => {
    expect(await problemsOf(world.create({ name: 'refused', 'vcs-repo': vcs }))).toMatchObject([
      { detail, pointer: '/data/attributes/vcs-repo' },
    ]);
  });

  test('belongs to one workspace: of ten that ask for it at once one gets it', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `bound-${index}`);
    const repositories = ['acme/contested', 'Acme/Contested'];
    const calls = names.map((name, index) =>
      world.create({ name, 'vcs-repo': { identifier: repositories[index % 2], 'service-provider': 'github' } }),
    );
    expect(await outcomesOf(calls)).toEqual([...Array(9).fill('UNPROCESSABLE'), 'done']);
  });

  test('differs by directory, Terraform workspace and host', async () => {
    const base = { identifier: 'acme/many' };
    await world.create({ name: 'many-1', 'vcs-repo': base });
    await world.create({ name: 'many-2', 'vcs-repo': base, 'working-directory': 'x' });
    await world.create({ name: 'many-3', 'vcs-repo': base, 'terraform-workspace': 'prod' });
    await world.create({ name: 'many-4', 'vcs-repo': { ...base, 'service-provider': 'gitlab' } });
    expect(
      await problemsOf(world.create({ name: 'many-5', 'vcs-repo': base, 'working-directory': './' })),
    ).toMatchObject([{ pointer: '/data/attributes/vcs-repo' }]);
    expect(
      await world.mesh.call(workspaces.showOfPlace, {
        caller: world.acme.owner,
        place: { hostname: 'github.com', repository: 'ACME/many', directory: 'x', terraformWorkspace: 'default' },
      }),
    ).toMatchObject({ name: 'many-2' });
  });

  test('does not change while a person has the workspace locked', async () => {
    const { id } = await world.create({ name: 'fixed', ...bound('fixed') });
    await world.lock(id);
    expect(await problemsOf(world.update(id, { 'working-directory': 'elsewhere' }))).toMatchObject([
      { detail: expect.stringContaining('cannot change while the workspace is locked') },
    ]);
    await expect(world.update(id, { 'auto-apply': true })).resolves.toMatchObject({ settings: { autoApply: true } });
  });
});

describe('a list', () => {
  let listed: string;
  beforeAll(async () => {
    listed = (await world.acme.createProject('listed')).id;
    const tagged = { ...inProject(listed), 'tag-bindings': bindingsOf({ env: 'prod' }) };
    await world.create({ name: 'zz-one' }, tagged);
    await world.create({ name: 'ZZ-two' }, { ...inProject(listed), tags: tagsOf('a', 'b') });
    await world.create({ name: 'zz_three' }, { ...inProject(listed), tags: tagsOf('a') });
    await world.mesh.call(projects.addTagBindings, {
      caller: world.acme.owner,
      id: listed,
      document: { data: [{ type: 'tag-bindings', attributes: { key: 'env', value: 'dev' } }] },
    });
  });

  test.each([
    [{}, ['zz-one', 'ZZ-two', 'zz_three']],
    [{ sort: '-name' as const }, ['zz_three', 'ZZ-two', 'zz-one']],
    [{ name: 'zZ-' }, ['zz-one', 'ZZ-two']],
    [{ name: '_' }, ['zz_three']],
    [{ name: '%' }, []],
    [{ wildcardName: '*-TWO' }, ['ZZ-two']],
    [{ wildcardName: 'zz*' }, ['zz-one', 'ZZ-two', 'zz_three']],
    [{ wildcardName: '*_*' }, ['zz_three']],
    [{ wildcardName: 'zz-one' }, ['zz-one']],
    [{ tags: ['a'] }, ['ZZ-two', 'zz_three']],
    [{ tags: ['a', 'b'] }, ['ZZ-two']],
    [{ tags: ['a'], excludedTags: ['b'] }, ['zz_three']],
    [{ tagged: [{ key: 'env', value: 'prod' }] }, ['zz-one']],
    [{ tagged: [{ key: 'env', value: 'dev' }] }, ['ZZ-two', 'zz_three']],
    [{ tagged: [{ key: 'env', value: '' }] }, ['zz-one', 'ZZ-two', 'zz_three']],
    [{ page: { number: 2, size: 2 } }, ['zz_three']],
    [{ page: { number: 9, size: 2 } }, []],
  ])('with %p has %p', async (search, names) => {
    expect(await namesOf({ projectId: listed, ...search })).toEqual(names);
  });

  test('counts what may be seen and what is found', async () => {
    const { items, total, matching } = await list({ projectId: listed, name: 'three' });
    expect([items.length, matching, total > 3]).toEqual([1, 1, true]);
  });

  test('has the tags that count, own before inherited', async () => {
    const { items } = await list({ projectId: listed, include: ['effective_tag_bindings'] });
    expect(items.map(({ name, effectiveTags }) => [name, effectiveTags?.map(({ value }) => value)])).toEqual([
      ['zz-one', ['prod']],
      ['ZZ-two', ['dev']],
      ['zz_three', ['dev']],
    ]);
  });
});

describe('tags', () => {
  test('names and bindings are kept apart', async () => {
    const { id } = await world.create(
      { name: 'tagged' },
      { tags: tagsOf('one'), 'tag-bindings': bindingsOf({ env: 'x' }) },
    );
    const written = (document: unknown) => ({ caller: world.acme.owner, key: { id }, document });
    await world.mesh.call(workspaces.addTagNames, written(tagsOf('two', 'one')));
    expect(await world.mesh.call(workspaces.addTagBindings, written(bindingsOf({ env: 'y', team: '' })))).toMatchObject(
      {
        items: [
          { key: 'env', value: 'y' },
          { key: 'team', value: '' },
        ],
      },
    );
    await world.update(id, {}, { 'tag-bindings': { data: [] } });
    const { items } = await world.mesh.call(workspaces.listTagNames, {
      caller: world.acme.owner,
      key: { id },
      page: { number: 1, size: 20 },
    });
    expect(items.map(({ name }) => name)).toEqual(['one', 'two']);
    const [one] = items;
    await world.mesh.call(workspaces.removeTagNames, written({ data: [{ type: 'tags', id: one?.id }] }));
    expect((await world.show({ id })).tagNames).toEqual(['two']);
    expect(
      (await world.mesh.call(workspaces.listTagBindings, { caller: world.acme.owner, key: { id } })).items,
    ).toEqual([]);
  });
});

function tagsOf(...names: string[]) {
  return { data: names.map((name) => ({ type: 'tags', attributes: { name } })) };
}

function bindingsOf(tags: Record<string, string>) {
  return { data: Object.entries(tags).map(([key, value]) => ({ type: 'tag-bindings', attributes: { key, value } })) };
}
