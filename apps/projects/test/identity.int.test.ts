import 'reflect-metadata';
import { afterEach, describe, expect, test } from '@jest/globals';
import {
  type AppError,
  access,
  accounts,
  type Caller,
  hashToken,
  newToken,
  organizations,
  teams,
  tokens,
} from '@terramesh/contracts';
import { openDatabase } from '@terramesh/database';
import { Mesh, openMesh } from '@terramesh/mesh';
import { createLogger, loadSettings, type RunningService, startService } from '@terramesh/service';
import { createTestDatabase, type TestDatabase } from '@terramesh/testing';
import { recoverAdministrator } from '../src/accounts/administrators.js';
import { projectsSchema } from '../src/persistence/projects-schema.js';
import { projectsShowing } from '../src/projects.js';

const undo: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

const adminToken = 'test-admin-token-0123456789-abcdefghijk';

interface World {
  readonly mesh: Mesh;
  readonly database: TestDatabase;
  /** What each start showed to its person. */
  readonly shown: string[];
  readonly logged: string[];
  start(env?: Record<string, string>): Promise<RunningService>;
}

async function openWorld(): Promise<World> {
  const database = await createTestDatabase();
  undo.push(() => database.drop());
  const logged: string[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => void logged.push(line) });
  const link = await openMesh({ url: 'inproc:', logger });
  undo.push(() => link.close());
  const shown: string[] = [];
  const definition = projectsShowing((token) => shown.push(token));
  const start = async (env: Record<string, string> = {}) => {
    const all = { DATABASE_URL: database.url, TERRAMESH_REPO_ALLOWLIST: '*', TERRAMESH_RATE_LIMIT: '0', ...env };
    const settings = loadSettings(definition.settings, { env: all });
    const service = await startService(definition, { settings, link, logger });
    undo.push(() => service.stop());
    return service;
  };
  return { mesh: new Mesh(link, 'test'), database, shown, logged, start };
}

const identify = async ({ mesh }: World, token: string): Promise<Caller | null> => {
  const { caller } = await mesh.call(access.identify, { tokenHash: hashToken(token), address: '192.0.2.1' });
  return caller;
};

async function adminOf(world: World): Promise<Caller> {
  const caller = await identify(world, adminToken);
  if (caller === null) throw new Error('the configured token is known');
  return caller;
}

async function personOf(world: World, username: string): Promise<Caller> {
  const admin = await adminOf(world);
  const attributes = { username, email: `${username}@example.com` };
  const account = await world.mesh.call(accounts.create, {
    caller: admin,
    document: { data: { type: 'users', attributes } },
  });
  const token = newToken();
  const owner = { kind: 'user', id: account.id } as const;
  const tokenHash = hashToken(token);
  await world.mesh.call(tokens.create, { caller: admin, owner, document: null, tokenHash, as: 'another' });
  const caller = await identify(world, token);
  if (caller === null) throw new Error('a token just made is known');
  return caller;
}

describe('the first administrator', () => {
  test('is made by one of the replicas that start at once, and shown once, outside of the log', async () => {
    const world = await openWorld();
    await Promise.all([world.start(), world.start(), world.start()]);
    expect(world.shown).toHaveLength(1);
    const [token = ''] = world.shown;
    expect(await identify(world, token)).toMatchObject({ kind: 'user' });
    await world.start();
    expect(world.shown).toHaveLength(1);
    expect(world.logged.join('')).not.toContain(token);
  });

  test('has the configured token instead, which is shown to nobody; another value takes its place', async () => {
    const world = await openWorld();
    await Promise.all([1, 2].map(() => world.start({ TERRAMESH_ADMIN_TOKEN: adminToken })));
    expect(world.shown).toEqual([]);
    const before = await adminOf(world);
    const other = adminToken.toUpperCase();
    await world.start({ TERRAMESH_ADMIN_TOKEN: other });
    expect(await identify(world, adminToken)).toBeNull();
    expect(await identify(world, other)).toMatchObject({ accountId: before.accountId });
  });

  test('gets in again with admin-token, which can revoke every other token', async () => {
    const world = await openWorld();
    await world.start();
    const [first = ''] = world.shown;
    const database = await openDatabase({ ...projectsSchema, url: world.database.url });
    undo.push(() => database.close());
    const second = await recoverAdministrator(database, { revoke: 'none' });
    expect((await identify(world, second))?.accountId).toBe((await identify(world, first))?.accountId);
    const third = await recoverAdministrator(database, { revoke: 'all' });
    expect(await identify(world, first)).toBeNull();
    expect(await identify(world, second)).toBeNull();
    expect(await identify(world, third)).not.toBeNull();
    // Also when somebody deleted the account.
    await database.dataSource.query('delete from account');
    const fourth = await recoverAdministrator(database, { revoke: 'none' });
    expect(await identify(world, fourth)).not.toBeNull();
  });

  test.each([
    ['too-short', /TERRAMESH_ADMIN_TOKEN: must have at least 32 characters/],
    [`with a space ${'x'.repeat(40)}`, /TERRAMESH_ADMIN_TOKEN: must be letters/],
  ])('a token like %j is refused without being shown', (value, message) => {
    const settings = () =>
      loadSettings(projectsShowing(() => undefined).settings, {
        env: { DATABASE_URL: 'postgres://x/y', TERRAMESH_REPO_ALLOWLIST: '*', TERRAMESH_ADMIN_TOKEN: value },
      });
    expect(settings).toThrow(message);
    expect(settings).not.toThrow(value);
  });
});

describe('a token', () => {
  test('is kept as its hash alone', async () => {
    const world = await openWorld();
    await world.start({ TERRAMESH_ADMIN_TOKEN: adminToken });
    const database = await openDatabase({ ...projectsSchema, url: world.database.url });
    undo.push(() => database.close());
    const rows = await database.dataSource.query<object[]>('select * from token');
    expect(JSON.stringify(rows)).not.toContain(adminToken);
    expect(rows).toMatchObject([{ hash: hashToken(adminToken) }]);
  });

  test('that is garbage, empty or missing identifies nobody', async () => {
    const world = await openWorld();
    await world.start({ TERRAMESH_ADMIN_TOKEN: adminToken });
    for (const token of ['', 'x', `${adminToken} `, "' or true --"]) expect(await identify(world, token)).toBeNull();
    const { caller } = await world.mesh.call(access.identify, { tokenHash: null, address: '192.0.2.1' });
    expect(caller).toBeNull();
  });

  test('of a team: of twenty made at once the last one is worth something, and only that one', async () => {
    const world = await openWorld();
    await world.start({ TERRAMESH_ADMIN_TOKEN: adminToken });
    const caller = await personOf(world, 'olga');
    await world.mesh.call(organizations.create, { caller, document: organizationDocument('acme') });
    const { items } = await world.mesh.call(teams.list, { caller, organizationName: 'acme', page: firstPage });
    const owner = { kind: 'team', id: items[0]?.id ?? '' } as const;
    const made = Array.from({ length: 20 }, () => newToken());
    await Promise.all(
      made.map((token) =>
        world.mesh.call(tokens.create, { caller, owner, document: null, tokenHash: hashToken(token), as: 'single' }),
      ),
    );
    const callers = await Promise.all(made.map((token) => identify(world, token)));
    expect(callers.filter((one) => one !== null)).toMatchObject([{ kind: 'team', ownerId: owner.id }]);
  });
});

const firstPage = { number: 1, size: 20 };
const organizationDocument = (name: string) => ({
  data: { type: 'organizations', attributes: { name, email: 'ops@example.com' } },
});

describe('the rate limit', () => {
  test('is one for all replicas, however many ask at once', async () => {
    const world = await openWorld();
    const env = { TERRAMESH_ADMIN_TOKEN: adminToken, TERRAMESH_RATE_LIMIT: '10' };
    await Promise.all([world.start(env), world.start(env)]);
    const tokenHash = hashToken(adminToken);
    const startedAt = performance.now();
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        world.mesh.call(access.identify, { tokenHash, address: `192.0.2.${index}` }),
      ),
    );
    const seconds = (performance.now() - startedAt) / 1000;
    const allowed = answers.filter(({ rate }) => rate?.allowed).length;
    expect(allowed).toBeGreaterThanOrEqual(10);
    expect(allowed).toBeLessThanOrEqual(11 + 10 * seconds);
    const refused = answers.find(({ rate }) => rate?.allowed === false)?.rate;
    expect(refused).toMatchObject({ limit: 10, remaining: 0 });
    expect(refused?.resetSeconds).toBeGreaterThan(0);
    expect(refused?.resetSeconds).toBeLessThanOrEqual(0.1);
  });

  test('is that of a user, whichever token is used, and that of an address without one', async () => {
    const world = await openWorld();
    await world.start({ TERRAMESH_ADMIN_TOKEN: adminToken, TERRAMESH_RATE_LIMIT: '3' });
    const admin = await adminOf(world);
    const second = newToken();
    const owner = { kind: 'user', id: admin.accountId } as const;
    const tokenHash = hashToken(second);
    await world.mesh.call(tokens.create, { caller: admin, owner, document: null, tokenHash, as: 'another' });
    const ask = async (token: string | null, address: string) => {
      const hash = token === null ? null : hashToken(token);
      return (await world.mesh.call(access.identify, { tokenHash: hash, address })).rate?.allowed;
    };
    const twice = async (token: string | null, address: string) => {
      const answers = [];
      for (let count = 0; count < 12; count += 1) answers.push(ask(token, address));
      return (await Promise.all(answers)).filter((isAllowed) => isAllowed === false).length;
    };
    expect(await twice(second, '192.0.2.1')).toBeGreaterThan(4);
    expect(await ask(adminToken, '192.0.2.2')).toBe(false);
    expect(await ask(null, '192.0.2.1')).toBe(true);
    expect(await twice('garbage', '192.0.2.3')).toBeGreaterThan(4);
    expect(await ask(null, '192.0.2.3')).toBe(false);
    expect(await ask(null, '192.0.2.4')).toBe(true);
  });

  test('of 0 is none', async () => {
    const world = await openWorld();
    await world.start({ TERRAMESH_ADMIN_TOKEN: adminToken, TERRAMESH_RATE_LIMIT: '0' });
    const { rate } = await world.mesh.call(access.identify, { tokenHash: null, address: '192.0.2.1' });
    expect(rate).toBeNull();
  });
});

describe('at the same moment', () => {
  const outcomes = async (work: readonly Promise<unknown>[]) => {
    const settled = await Promise.allSettled(work);
    return settled.map((one) => (one.status === 'fulfilled' ? 'done' : (one.reason as AppError).code)).sort();
  };

  test('twenty create an organization of one name in different cases: one does', async () => {
    const world = await openWorld();
    await Promise.all([1, 2].map(() => world.start({ TERRAMESH_ADMIN_TOKEN: adminToken })));
    const caller = await personOf(world, 'olga');
    const names = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'Acme' : 'aCME'));
    const codes = await outcomes(
      names.map((name) => world.mesh.call(organizations.create, { caller, document: organizationDocument(name) })),
    );
    expect(codes).toEqual([...Array.from({ length: 19 }, () => 'UNPROCESSABLE'), 'done']);
  });

  test('an organization is deleted twice and filled: one delete, nothing half, no bug', async () => {
    const world = await openWorld();
    await Promise.all([1, 2].map(() => world.start({ TERRAMESH_ADMIN_TOKEN: adminToken })));
    const caller = await personOf(world, 'olga');
    for (let round = 0; round < 5; round += 1) {
      const name = `acme-${round}`;
      await world.mesh.call(organizations.create, { caller, document: organizationDocument(name) });
      const teamDocument = (team: string) => ({ data: { type: 'teams', attributes: { name: team } } });
      const codes = await outcomes([
        world.mesh.call(organizations.delete, { caller, name }),
        world.mesh.call(organizations.delete, { caller, name }),
        ...['a', 'b', 'c'].map((team) =>
          world.mesh.call(teams.create, { caller, organizationName: name, document: teamDocument(team) }),
        ),
        world.mesh.call(organizations.update, { caller, name, document: { data: { type: 'organizations' } } }),
      ]);
      expect(codes.every((code) => code === 'done' || code === 'NOT_FOUND')).toBe(true);
      await expect(world.mesh.call(organizations.show, { caller, name })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }
  });

  test('site administrators depose each other: one stays', async () => {
    const world = await openWorld();
    await Promise.all([1, 2].map(() => world.start({ TERRAMESH_ADMIN_TOKEN: adminToken })));
    const admin = await adminOf(world);
    const other = await personOf(world, 'olga');
    await world.mesh.call(accounts.setSiteAdmin, { caller: admin, id: other.accountId, isSiteAdmin: true });
    await outcomes([
      world.mesh.call(accounts.setSiteAdmin, { caller: admin, id: other.accountId, isSiteAdmin: false }),
      world.mesh.call(accounts.delete, { caller: other, id: admin.accountId }),
    ]);
    const database = await openDatabase({ ...projectsSchema, url: world.database.url });
    undo.push(() => database.close());
    expect(await database.dataSource.query('select 1 from account where is_site_admin')).toHaveLength(1);
  });
});
