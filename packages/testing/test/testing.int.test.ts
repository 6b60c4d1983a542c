import { execFile } from 'node:child_process';
import { access } from 'node:fs/promises';
import { connect } from 'node:net';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from '@jest/globals';
import { createGitRemote, createTestDatabase, startTestNats, startTestPostgres, until } from '@terramesh/testing';
import pg from 'pg';

const run = promisify(execFile);

describe('createTestDatabase', () => {
  test('gives every caller an empty database of its own and drops it with its connections', async () => {
    const [first, second] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    expect(first.url).not.toBe(second.url);
    const client = await openClient(first.url);
    await client.query('create table t (id int)');
    await first.drop();
    await second.drop();
    await expect(client.query('select 1')).rejects.toThrow();
    await expect(openClient(first.url)).rejects.toMatchObject({ code: '3D000' });
  });
});

describe('startTestPostgres', () => {
  test('comes back on the same address after a kill with what was committed', async () => {
    const server = await startTestPostgres();
    try {
      const before = await openClient(server.url);
      await before.query('create table t as select 1 as id');
      await server.kill();
      await expect(openClient(server.url)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      await server.restart();
      const after = await openClient(server.url);
      expect((await after.query('select * from t')).rows).toEqual([{ id: 1 }]);
      await after.end();
    } finally {
      await server.stop();
    }
  });
});

describe('startTestNats', () => {
  test('comes back on the same port after a kill and is gone after a stop', async () => {
    const server = await startTestNats();
    try {
      expect(await answers(server.port)).toBe(true);
      const { pid } = server;
      await server.kill();
      expect(await answers(server.port)).toBe(false);
      await server.restart();
      expect(await answers(server.port)).toBe(true);
      expect(server.pid).not.toBe(pid);
    } finally {
      await server.stop();
    }
    expect(await answers(server.port)).toBe(false);
  });
});

describe('createGitRemote', () => {
  test('serves commits, branches and tags to git over a file URL', async () => {
    const remote = await createGitRemote({
      repository: 'acme/infra',
      files: { 'a/main.tf': '# one', 'b.sh': '#!/bin/sh\n' },
    });
    const url = `${remote.baseUrl}/${remote.repository}.git`;
    const onBranch = await remote.commit({ 'a/main.tf': '# two', 'b.sh': null }, { branch: 'feature' });
    const onMain = await remote.commit({ 'c.tf': '' });
    await remote.tag('v1');
    const { stdout } = await run('git', ['ls-remote', url]);
    const refs = Object.fromEntries(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split('\t').reverse()),
    );
    expect(refs).toEqual({
      HEAD: onMain,
      'refs/heads/feature': onBranch,
      'refs/heads/main': onMain,
      'refs/tags/v1': onMain,
    });
    const bare = fileURLToPath(url);
    const show = async (spec: string) => (await run('git', ['-C', bare, 'ls-tree', '-r', spec])).stdout;
    expect(await show(remote.firstCommit)).toMatch(/100644 blob .*a\/main\.tf\n100755 blob .*b\.sh/);
    expect(await show('feature')).not.toContain('b.sh');
    await remote.remove();
    await expect(access(bare)).rejects.toMatchObject({ code: 'ENOENT' });
  });
});

describe('until', () => {
  test('resolves to the first truthy result', async () => {
    let calls = 0;
    expect(await until(() => ++calls > 2 && calls)).toBe(3);
  });

  test('says what it waited for, and why the condition failed last', async () => {
    const cause = new Error('not yet');
    const waiting = until(() => Promise.reject(cause), { timeoutMs: 30, describe: 'the moon' });
    await expect(waiting).rejects.toMatchObject({ message: 'the moon: not within 30 ms', cause });
  });
});

async function openClient(url: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  return client;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port });
    socket.once('connect', () => socket.destroy());
    socket.once('error', () => resolve(false));
    socket.once('close', (hadError) => resolve(!hadError));
  });
}
