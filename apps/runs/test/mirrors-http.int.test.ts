import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { GitFixture, type Upstream } from './git-fixture.js';

const credentials = { username: 'x-access-token', password: 's3cr3t-token' };
const authorization = `Basic ${Buffer.from('x-access-token:s3cr3t-token').toString('base64')}`;

let fixture: GitFixture;
let upstream: Upstream;
let first: string;
let server: Server;
let cloneUrl: string;
let opened: Awaited<ReturnType<GitFixture['open']>>;
/** What the server answers everything with, instead of the repository. */
let status: number | null;

beforeEach(async () => {
  fixture = await GitFixture.create();
  upstream = await fixture.upstream();
  first = await upstream.commit({ 'main.tf': 'first' });
  await upstream.git('update-server-info');
  opened = await fixture.open();
  status = null;
  server = createServer(async (request, response) => {
    if (status !== null) return response.writeHead(status).end('remote says s3cr3t-token');
    if (request.headers.authorization !== authorization) return response.writeHead(401).end();
    const path = new URL(request.url ?? '/', 'http://host').pathname.replace('/acme/infra.git/', '');
    const file = await readFile(join(upstream.bare, path)).catch(() => null);
    return file === null ? response.writeHead(404).end() : response.end(file);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  cloneUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/acme/infra.git`;
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await fixture.remove();
});

describe('over HTTP', () => {
  it('a fetch sends its credentials, and shows them to nobody else', async () => {
    const fetched = await opened.mirrors.fetch({ ...upstream.request, cloneUrl, credentials });
    expect(fetched.commit).toBe(first);
    expect((await fixture.newCalls()).join()).not.toContain('s3cr3t');
    expect(await readFile(join(fetched.mirror, 'config'), 'utf8')).not.toContain('s3cr3t');
  });

  it('a repository that is refused or missing is NOT_FOUND', async () => {
    const refused = opened.mirrors.fetch({ ...upstream.request, cloneUrl });
    await expect(refused).rejects.toMatchObject({ code: 'NOT_FOUND' });
    for (status of [401, 403, 404]) {
      const missing = opened.mirrors.fetch({ ...upstream.request, cloneUrl, credentials });
      await expect(missing).rejects.toMatchObject({
        code: 'NOT_FOUND',
        message: 'acme/infra does not exist or access to it is denied',
      });
    }
  });

  it('a server that fails or is not there is UNAVAILABLE, and the reason holds no credentials', async () => {
    const withUser = cloneUrl.replace('http://', 'http://user:s3cr3t-token@');
    for (const url of [cloneUrl, withUser]) {
      status = 500;
      const failing = await opened.mirrors.fetch({ ...upstream.request, cloneUrl: url, credentials }).catch((e) => e);
      expect(failing).toMatchObject({ code: 'UNAVAILABLE' });
      expect(failing.message).not.toContain('s3cr3t');
      expect(String(failing.cause.stack)).not.toContain('s3cr3t');
    }
    server.closeAllConnections();
    server.close();
    const gone = opened.mirrors.fetch({ ...upstream.request, cloneUrl, credentials });
    await expect(gone).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  it('git is given nothing of our environment but what it needs', async () => {
    const environment = {
      HOME: '/root',
      GIT_DIR: '/x',
      TERRAMESH_API_SECRET: 'x',
      HTTPS_PROXY: 'http://p',
      EMAIL: 'x',
    };
    const { mirrors, data } = await fixture.open({ environment });
    await mirrors.fetch(upstream.request);
    const { PWD, SHLVL, _, '': empty, ...given } = await fixture.lastEnvironment();
    expect(Object.keys(given).sort()).toEqual([
      'GIT_ALLOW_PROTOCOL',
      'GIT_ATTR_NOSYSTEM',
      'GIT_CEILING_DIRECTORIES',
      'GIT_CONFIG_GLOBAL',
      'GIT_CONFIG_NOSYSTEM',
      'GIT_LFS_SKIP_SMUDGE',
      'GIT_TERMINAL_PROMPT',
      'HOME',
      'HTTPS_PROXY',
      'LC_ALL',
      'PATH',
    ]);
    expect(given.HOME).toBe(join(data, 'home'));
  });
});
