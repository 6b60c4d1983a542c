// Documents of the TFE API: media types, bodies that no client would send, pages and their links.
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { tfeToken } from './stand-ins/projects.js';
import { openWorld, type World } from './stand-ins/world.js';

const jsonApi = 'application/vnd.api+json';

let world: World;
beforeAll(async () => {
  world = await openWorld();
});
afterAll(() => world.stop());

const ask = (path: string, init: RequestInit = {}) =>
  world.fetch(`/api/v2${path}`, { ...init, headers: { Authorization: `Bearer ${tfeToken}`, ...init.headers } });
const post = (body: string | Buffer, headers: Record<string, string> = {}) =>
  ask('/admin/users', { method: 'POST', body, headers: { 'Content-Type': jsonApi, ...headers } });
const errorsOf = async (response: Response) => [
  response.status,
  ((await response.json()) as { errors: unknown }).errors,
];

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
