// Before every route of the TFE API: tokens, the rate limit, what every answer says of itself; and errors.
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError, documentError, hashToken } from '@terramesh/contracts';
import { ProjectsStandIn, tfeToken } from './stand-ins/projects.js';
import { openWorld, type World } from './stand-ins/world.js';

const jsonApi = 'application/vnd.api+json';
const unauthorized = '{"errors":[{"status":"401","title":"unauthorized"}]}\n';
const notFound = '{"errors":[{"status":"404","title":"not found"}]}\n';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.stop());
beforeEach(() => {
  Object.assign(world.projects, { rate: new ProjectsStandIn().rate, failure: undefined, isAway: false });
});

const ask = (path: string, init: RequestInit = {}) =>
  world.fetch(`/api/v2${path}`, { ...init, headers: { Authorization: `Bearer ${tfeToken}`, ...init.headers } });
const told = async (response: Response) => [
  response.status,
  response.headers.get('content-type'),
  await response.text(),
];
const errorsOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { errors: unknown }).errors,
];

describe('the token', () => {
  test.each([
    ['none', {}],
    ['an empty one', { Authorization: 'Bearer ' }],
    ['garbage', { Authorization: 'Bearer garbage' }],
    ['another scheme', { Authorization: `Basic ${Buffer.from(`x:${tfeToken}`).toString('base64')}` }],
    ['no scheme', { Authorization: tfeToken }],
    ["Atlantis' header", { 'X-Atlantis-Token': tfeToken }],
    ['signs that are no letters', { Authorization: 'Bearer \u00e9\u00ff' }],
    ['a very long one', { Authorization: `Bearer ${'x'.repeat(8_000)}` }],
  ])('%s is 401, byte for byte the same', async (_case, headers: Record<string, string>) => {
    const response = await world.fetch('/api/v2/account/details', { headers });
    expect(await told(response)).toEqual([401, jsonApi, unauthorized]);
  });

  test('opens with any case of its scheme; only its hash goes any further', async () => {
    world.projects.identified.length = 0;
    const response = await world.fetch('/api/v2/account/details', { headers: { authorization: `bearer ${tfeToken}` } });
    expect(response.status).toBe(200);
    expect(world.projects.identified).toEqual([{ tokenHash: hashToken(tfeToken), address: '127.0.0.1' }]);
    expect(world.logged.join('')).not.toContain(tfeToken);
  });

  test('is asked for before the media type and the syntax; the route before the token', async () => {
    const bad = { method: 'POST', body: '{', headers: { 'Content-Type': 'text/plain' } };
    expect((await world.fetch('/api/v2/admin/users', bad)).status).toBe(401);
    for (const method of ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']) {
      const response = await world.fetch('/api/v2/no/such/thing', { method });
      expect(await told(response)).toEqual([404, jsonApi, notFound]);
    }
    expect(await told(await world.fetch('/api/v2/account/details', { method: 'DELETE' }))).toEqual([
      404,
      jsonApi,
      notFound,
    ]);
    expect(await told(await world.fetch('/api/v2'))).toEqual([404, jsonApi, notFound]);
  });
});

describe('headers', () => {
  test.each([
    ['/account/details', 200],
    ['/nope', 404],
    ['/users/unknown', 404],
  ])('every answer says what it is: %s %i', async (path, status) => {
    const response = await ask(path);
    expect(response.status).toBe(status);
    expect(Object.fromEntries(response.headers)).toMatchObject({
      'content-type': jsonApi,
      'tfp-api-version': '2.6',
      'tfp-appname': 'Terraform Enterprise',
      'cache-control': 'no-cache',
      'x-request-id': expect.any(String),
    });
    expect(response.headers.get('x-tfe-version')).toBeNull();
  });

  test('tell the rate, in requests and fractions of a second', async () => {
    const response = await ask('/account/details');
    const rate = ['limit', 'remaining', 'reset'].map((name) => response.headers.get(`x-ratelimit-${name}`));
    expect(rate).toEqual(['30', '29', '0.033']);
  });

  test.each([
    ['GET', '/nope', 404],
    ['DELETE', '/account/details', 404],
    ['GET', '', 404],
    ['GET', '/users/%', 400],
    ['GET', `/users/${'x'.repeat(6_000)}`, 414],
  ])('what is not there counts and tells the rate too: %#', async (method, path, status) => {
    for (const token of [tfeToken, 'garbage']) {
      world.projects.identified.length = 0;
      const response = await ask(path, { method, headers: { Authorization: `Bearer ${token}` } });
      expect([response.status, response.headers.get('x-ratelimit-limit')]).toEqual([status, '30']);
      expect(response.headers.get('x-request-id')).not.toBeNull();
      expect(world.projects.identified).toMatchObject([{ tokenHash: hashToken(token) }]);
    }
  });

  test('what is not there is not there past the limit either, and while nobody counts', async () => {
    world.projects.rate = { limit: 30, remaining: 0, resetSeconds: 0.021, allowed: false };
    const response = await ask('/nope');
    expect([response.status, response.headers.get('x-ratelimit-remaining')]).toEqual([404, '0']);
    world.projects.isAway = true;
    expect(await told(await ask('/nope'))).toEqual([404, jsonApi, notFound]);
  });

  test('tell nothing of a rate when there is none', async () => {
    world.projects.rate = null;
    const response = await ask('/account/details');
    expect([response.status, response.headers.get('x-ratelimit-limit')]).toEqual([200, null]);
  });
});

describe('the rate limit', () => {
  test('past it every route is 429 with the time to wait, also /ping and without a token', async () => {
    world.projects.rate = { limit: 30, remaining: 0, resetSeconds: 0.021, allowed: false };
    for (const response of [await ask('/account/details'), await world.fetch('/api/v2/ping')]) {
      expect(response.headers.get('x-ratelimit-reset')).toBe('0.021');
      expect(response.headers.get('retry-after')).toBe('1');
      expect(await errorsOf(response)).toEqual([
        429,
        [{ status: '429', title: 'Too many requests', detail: "You have exceeded the API's rate limit." }],
      ]);
    }
  });

  test('counts by the address that trusted proxies report, a whole network of IPv6 as one', async () => {
    const proxied = await openWorld({ env: { TERRAMESH_TRUST_PROXY: 'true' } });
    for (const address of ['198.51.100.7', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2::', '::ffff:198.51.100.8']) {
      await proxied.fetch('/api/v2/ping', { headers: { 'X-Forwarded-For': address } });
    }
    expect(proxied.projects.identified.map(({ address }) => address)).toEqual([
      '198.51.100.7',
      '2001:db8:1:2::/64',
      '2001:db8:1:2::/64',
      '198.51.100.8',
    ]);
    await proxied.stop();
    world.projects.identified.length = 0;
    await world.fetch('/api/v2/ping', { headers: { 'X-Forwarded-For': '198.51.100.7' } });
    expect(world.projects.identified).toMatchObject([{ address: '127.0.0.1' }]);
  });
});

describe('what a client asks first', () => {
  test('/ping is 204 without a body and without a token', async () => {
    const response = await world.fetch('/api/v2/ping');
    expect([response.status, await response.text(), response.headers.get('x-ratelimit-limit')]).toEqual([
      204,
      '',
      '30',
    ]);
    const bad = await world.fetch('/api/v2/ping', { headers: { Authorization: 'Bearer garbage' } });
    expect(bad.status).toBe(204);
  });

  test('discovery lists what is served and nothing else', async () => {
    const response = await world.fetch('/.well-known/terraform.json');
    expect([response.status, response.headers.get('content-type'), await response.json()]).toEqual([
      200,
      'application/json',
      { 'tfe.v2': '/api/v2/', 'tfe.v2.1': '/api/v2/', 'tfe.v2.2': '/api/v2/' },
    ]);
  });
});

describe('errors', () => {
  test('an id of any length is no bug', async () => {
    expect((await ask(`/users/${'x'.repeat(4_000)}`)).status).toBe(404);
    const response = await ask(`/users/${'x'.repeat(6_000)}`);
    expect([response.status, response.headers.get('content-type')]).toEqual([414, jsonApi]);
  });

  test.each([
    [new AppError('NOT_FOUND', 'no project of this name'), 404, [{ status: '404', title: 'not found' }]],
    [new AppError('CONFLICT', 'busy'), 409, [{ status: '409', title: 'conflict', detail: 'busy' }]],
    [new AppError('FORBIDDEN', 'not empty'), 403, [{ status: '403', title: 'forbidden', detail: 'not empty' }]],
    [new AppError('INVALID', 'bad filter'), 400, [{ status: '400', title: 'bad request', detail: 'bad filter' }]],
    [
      documentError([
        { title: 'invalid attribute', detail: 'Name is bad', pointer: '/data/attributes/name' },
        { title: 'invalid attribute', detail: 'So is this' },
      ]),
      422,
      [
        {
          status: '422',
          title: 'invalid attribute',
          detail: 'Name is bad',
          source: { pointer: '/data/attributes/name' },
        },
        { status: '422', title: 'invalid attribute', detail: 'So is this' },
      ],
    ],
  ])('of the service become documents: %#', async (failure, status, errors) => {
    world.projects.failure = failure;
    expect(await errorsOf(await ask('/account/details'))).toEqual([status, errors]);
  });

  test('a bug shows nothing but the id of the request', async () => {
    world.projects.failure = new Error('select secret from table');
    const response = await ask('/account/details', { headers: { 'X-Request-Id': 'abc-1' } });
    const [status, errors] = await errorsOf(response);
    expect([status, JSON.stringify(errors)]).toEqual([500, expect.stringContaining('internal server error')]);
    expect(JSON.stringify(errors)).not.toContain('secret');
  });

  test.each([
    ['/users/%00', 404],
    ['/users/user-1%00', 404],
    ['/users/%ff', 400],
    ['/users/%', 400],
    ['/users/..%2f..%2fadmin', 404],
    ['/users/nonexisting', 404],
    ['/admin/users?q=%00', 400],
    ['/admin/users?q=%ed%a0%80&page%5Bsize%5D=1', 200],
    ['/admin/users?q=a&q=b', 200],
    ['/admin/users?__proto__=1&constructor=2', 200],
  ])('an odd path or query is no bug: %s', async (path, status) => {
    const response = await ask(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([status, jsonApi]);
  });
});
