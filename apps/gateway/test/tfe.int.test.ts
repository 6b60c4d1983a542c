// What every route of the TFE API has in common: tokens, headers, media types, documents, pages, links and errors.
import { connect } from 'node:net';
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
  Object.assign(world.projects, { rate: new ProjectsStandIn().rate, failure: undefined });
});

const ask = (path: string, init: RequestInit = {}) =>
  world.fetch(`/api/v2${path}`, { ...init, headers: { Authorization: `Bearer ${tfeToken}`, ...init.headers } });
const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  ask('/admin/users', { method: 'POST', body, headers: { 'Content-Type': jsonApi, ...headers } });
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

describe('the media type', () => {
  const document = JSON.stringify({ data: { type: 'users', attributes: { username: 'abc', email: 'a@b' } } });

  test.each([
    'application/json',
    'text/plain',
    'application/vnd.api+jsonx',
    'application/vnd.api',
    'nonsense',
    ';',
    '',
  ])('%j is 415', async (type) => {
    const response = await post(document, { 'Content-Type': type });
    expect(await errorsOf(response)).toEqual([
      415,
      [{ status: '415', title: 'invalid content type', detail: 'content-type must be application/vnd.api+json' }],
    ]);
  });

  test('none at all is 415 when there is a body', async () => {
    const response = await ask('/admin/users', { method: 'POST', body: Buffer.from(document) });
    expect(response.status).toBe(415);
  });

  test.each([jsonApi, `${jsonApi}; charset=utf-8`, 'Application/Vnd.API+JSON', `${jsonApi};ext=x`])(
    '%j is taken',
    async (type) => {
      expect((await post(document, { 'Content-Type': type })).status).toBe(201);
    },
  );

  test('does not matter without a body, nor does what the caller accepts', async () => {
    const removed = await ask('/admin/users/user-1', { method: 'DELETE' });
    expect([removed.status, await removed.text()]).toEqual([204, '']);
    const typed = { method: 'DELETE', headers: { 'Content-Type': jsonApi } };
    expect((await ask('/admin/users/user-1', typed)).status).toBe(204);
    expect((await ask('/account/details', { headers: { Accept: 'text/html' } })).status).toBe(200);
    expect((await ask('/account/details', { headers: { 'Content-Type': 'nonsense' } })).status).toBe(200);
  });
});

describe('a body', () => {
  const deep = (open: string, close: string, depth: number) => open.repeat(depth) + close.repeat(depth);
  test.each([
    ['nothing closed', '{"data":', /JSON/],
    ['no JSON', 'name=x', /JSON/],
    ['two documents', '{}{}', /JSON/],
    ['a comment', '{/* */}', /JSON/],
    ['not a number', '{"data":NaN}', /JSON/],
    ['arrays without an end', '['.repeat(900_000), /nested 32 deep/],
    ['deep arrays', `{"data":${deep('[', ']', 33)}}`, /nested 32 deep/],
    ['deep objects', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, /nested 32 deep/],
    ['NUL in a string', '{"data":{"type":"a\\u0000b"}}', /U\+0000/],
    ['NUL in a key', '{"data":{"\\u0000":1}}', /U\+0000/],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0xfe, 0x22]), /UTF-8/],
  ])('with %s is 400 and says why', async (_case, body: string | Buffer, detail) => {
    const response = await post(body);
    expect(await errorsOf(response)).toEqual([
      400,
      [{ status: '400', title: 'JSON body is invalid', detail: expect.stringMatching(detail) }],
    ]);
  });

  test.each([
    ['empty', ''],
    ['null', 'null'],
    ['a number', '7'],
    ['a string', '"data"'],
    ['an array', '[]'],
    ['without data', '{"datum":{}}'],
    ['with null data', '{"data":null}'],
  ])('that is %s lacks its data: 422', async (_case, body) => {
    expect(await errorsOf(await post(body))).toEqual([
      422,
      [
        {
          status: '422',
          title: 'unprocessable entity',
          detail: 'param is missing or the value is empty: data',
          source: { pointer: '/data' },
        },
      ],
    ]);
  });

  test('of the wrong types at any level is 422 with every broken rule, and never a bug', async () => {
    const wrong: unknown[] = [0, 'x', true, [], {}, null, -1e308, [[]], { length: 1 }, '\ud800', 'x'.repeat(50_000)];
    for (const value of wrong) {
      for (const document of [
        { data: value },
        { data: { type: value } },
        { data: { type: 'users', attributes: value } },
        { data: { type: 'users', attributes: { username: value, email: value, 'is-admin': value } } },
      ]) {
        const response = await post(JSON.stringify(document));
        expect([JSON.stringify(document).slice(0, 80), response.status]).toEqual([expect.any(String), 422]);
        const { errors } = (await response.json()) as { errors: { status: unknown; title: string }[] };
        for (const error of errors) expect([error.status, typeof error.title]).toEqual(['422', 'string']);
      }
    }
    const everything = { data: { type: 'teams', attributes: { username: 'a b', email: 'nowhere' } } };
    const [, errors] = await errorsOf(await post(JSON.stringify(everything)));
    expect((errors as { source: { pointer: string } }[]).map(({ source }) => source.pointer)).toEqual([
      '/data/type',
      '/data/attributes/username',
      '/data/attributes/email',
    ]);
  });

  test('with what nobody knows is taken, and what is known of it handed on', async () => {
    const document = {
      data: { id: 'x', type: 'users', attributes: { username: 'abc', email: 'a@b', more: [1] }, meta: {} },
      jsonapi: { version: '1.0' },
      __proto__: { polluted: true },
    };
    expect((await post(JSON.stringify(document))).status).toBe(201);
    expect((await post('{"__proto__":{"x":1},"data":{"type":"users","constructor":{"prototype":1}}}')).status).toBe(
      422,
    );
  });

  test.each([
    ['of 300,000 bytes', JSON.stringify({ data: 'x'.repeat(300_000) })],
    ['that grows when it is written again', `{"data":[${'1e20,'.repeat(40_000)}1]}`],
    ['over the limit of all bodies', JSON.stringify({ data: 'x'.repeat(1_100_000) })],
  ])('%s is 413', async (_case, body) => {
    expect(await errorsOf(await post(body))).toEqual([
      413,
      [expect.objectContaining({ status: '413', title: 'payload too large' })],
    ]);
  });

  test('that announces more than comes, or comes in pieces, breaks nothing', async () => {
    const chunked = await raw(
      `POST /api/v2/admin/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tfeToken}\r\nContent-Type: ${jsonApi}\r\n` +
        'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n2\r\n{"\r\n4\r\na":1\r\n1\r\n}\r\n0\r\n\r\n',
    );
    expect(chunked).toMatch(/^HTTP\/1\.1 422 /);
    const empty = await raw(
      `POST /api/v2/admin/users HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tfeToken}\r\n` +
        'Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n0\r\n\r\n',
    );
    expect(empty).toMatch(/^HTTP\/1\.1 422 /);
    expect((await ask('/account/details')).status).toBe(200);
  });
});

/** Sends bytes that no client would, and reads all that comes back. */
function raw(request: string): Promise<string> {
  const { port } = new URL(world.gateway.url);
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), '127.0.0.1', () => socket.write(request));
    let answer = '';
    socket.on('data', (data) => {
      answer += data.toString();
    });
    socket.on('end', () => resolve(answer));
    socket.on('error', reject);
  });
}

describe('pages', () => {
  interface Page {
    readonly data: { readonly id: string }[];
    readonly links: Record<string, string | null>;
    readonly meta: object;
  }
  const page = async (query: string, headers: Record<string, string> = {}) => {
    const response = await ask(`/admin/users${query}`, { headers });
    expect(response.status).toBe(200);
    return (await response.json()) as Page;
  };

  test('begin with 20, and links are absolute and keep what else was asked', async () => {
    const { data, links, meta } = await page('?q=a%20b&filter%5Bx%5D=1,2');
    const base = `${world.gateway.url}/api/v2/admin/users?q=a+b&filter%5Bx%5D=1%2C2`;
    expect(data.map(({ id }) => id)).toEqual(Array.from({ length: 20 }, (_, index) => `user-${index}`));
    expect(links).toEqual({
      self: `${base}&page%5Bnumber%5D=1&page%5Bsize%5D=20`,
      first: `${base}&page%5Bnumber%5D=1&page%5Bsize%5D=20`,
      prev: null,
      next: `${base}&page%5Bnumber%5D=2&page%5Bsize%5D=20`,
      last: `${base}&page%5Bnumber%5D=3&page%5Bsize%5D=20`,
    });
    expect(meta).toEqual({
      'status-counts': { total: 45, matching: 45 },
      pagination: {
        'current-page': 1,
        'page-size': 20,
        'prev-page': null,
        'next-page': 2,
        'total-pages': 3,
        'total-count': 45,
      },
    });
  });

  test.each([
    ['?page%5Bnumber%5D=3', 5, { 'current-page': 3, 'prev-page': 2, 'next-page': null }],
    ['?page[number]=2&page[size]=44', 1, { 'current-page': 2, 'page-size': 44, 'total-pages': 2 }],
    ['?page%5Bnumber%5D=999', 0, { 'current-page': 999, 'prev-page': null, 'next-page': null, 'total-count': 45 }],
    ['?page%5Bsize%5D=5000', 45, { 'page-size': 100, 'total-pages': 1 }],
    ['?page%5Bnumber%5D=1000000000', 0, { 'current-page': 1_000_000_000 }],
  ])('%s has %i', async (query, count, pagination) => {
    const { data, meta } = await page(query);
    expect([data.length, meta]).toEqual([count, { ...meta, pagination: expect.objectContaining(pagination) }]);
  });

  test.each(['0', '-1', 'x', '', '1.5', '+1', ' 1', '1e3', '99999999999', '9'.repeat(40), '\u0661'])(
    'number and size %j are 400',
    async (value) => {
      for (const name of ['page%5Bnumber%5D', 'page%5Bsize%5D']) {
        if (name === 'page%5Bsize%5D' && value === '99999999999') continue;
        const response = await ask(`/admin/users?${name}=${encodeURIComponent(value)}`);
        expect(await errorsOf(response)).toEqual([
          400,
          [expect.objectContaining({ status: '400', title: 'bad request' })],
        ]);
      }
    },
  );

  test('link to the public URL, or to what trusted proxies were asked for', async () => {
    const forwarded = { 'X-Forwarded-Host': 'tf.example.com', 'X-Forwarded-Proto': 'https' };
    expect((await page('', forwarded)).links.self).toMatch(/^http:\/\/127\.0\.0\.1:/);
    const ownUrl = await openWorld({ env: { TERRAMESH_PUBLIC_URL: 'https://terra.example.com/' } });
    const proxied = await openWorld({ env: { TERRAMESH_TRUST_PROXY: 'true' } });
    const authorization = { Authorization: `Bearer ${tfeToken}` };
    const linkOf = async (one: World, headers: Record<string, string>) => {
      const response = await one.fetch('/api/v2/admin/users', { headers: { ...authorization, ...headers } });
      return ((await response.json()) as Page).links.self;
    };
    expect(await linkOf(ownUrl, forwarded)).toMatch(/^https:\/\/terra\.example\.com\/api\/v2\/admin\/users\?/);
    expect(await linkOf(proxied, forwarded)).toMatch(/^https:\/\/tf\.example\.com\/api\/v2\/admin\/users\?/);
    expect(await linkOf(proxied, { 'X-Forwarded-Host': 'a b"<>' })).toMatch(/^http:\/\/localhost\/api/);
    await ownUrl.stop();
    await proxied.stop();
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
