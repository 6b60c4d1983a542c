// That no secret of ours reaches a log, an answer, the database, the disk, a command line or what Terraform can see.
import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import pg from 'pg';
import { createGitHost, type GitHost } from './src/git-host.js';
import { type GitHttp, serveOverHttp } from './src/git-http.js';
import { apiSecret, type System, startSystem } from './src/system.js';
import { type RunResult, request, resource, running } from './src/world.js';

const token = 'ghp_e2eSecretToken0123456789';
const cloudKey = 'cloud-key-of-the-worker-42';
/** What this process has in its environment, as a service in production has. */
const environment = {
  TERRAMESH_API_SECRET: apiSecret,
  TERRAMESH_GITHUB_TOKEN: token,
  ATLANTIS_GH_TOKEN: token,
  GITHUB_TOKEN: 'token-of-somebody-else-1',
  DATABASE_URL: 'postgres://user:database-password-1@localhost/x',
  AWS_SECRET_ACCESS_KEY: cloudKey,
};

let host: GitHost;
let http: GitHttp;
let system: System;
let folder: string;
let secrets: string[];
const commandLines: string[] = [];

beforeAll(async () => {
  Object.assign(process.env, environment);
  folder = await mkdtemp(join(tmpdir(), 'terramesh-secrets-'));
  host = await createGitHost();
  const onRequest = () => commandLines.push(execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }));
  http = await serveOverHttp(host.folder, { username: 'x-access-token', password: token, onRequest });
  system = await startSystem({
    mesh: 'nats',
    githubUrl: http.url,
    settings: { TERRAMESH_GITHUB_TOKEN: token, ATLANTIS_GH_TOKEN: token },
  });
  const password = decodeURIComponent(new URL(system.databaseUrl).password);
  const basic = Buffer.from(`x-access-token:${token}`).toString('base64');
  secrets = [apiSecret, token, basic, password, 'database-password-1', 'token-of-somebody-else-1'];
  expect(secrets.every((secret) => secret.length > 8)).toBe(true);

  const file = (name: string) => join(folder, name);
  const spy = `env > ${file('env')}; cat /proc/$PPID/environ > ${file('environ')}; ps -eo args > ${file('ps')}; env`;
  await host.create('acme/infra', { 'spy/main.tf': running(spy), 'ok/main.tf': resource() });
});
afterAll(async () => {
  await system?.stop();
  await http?.close();
  await host?.remove();
  await rm(folder, { recursive: true, force: true });
});

function secretsIn(text: string): string[] {
  return secrets.filter((secret) => text.includes(secret));
}

test('Terraform and what it starts see what the operator allowed, and nothing of ours', async () => {
  const answer = await system.apply(request(['spy']));
  expect(answer.status).toBe(200);
  for (const name of ['env', 'environ', 'ps']) {
    const seen = await readFile(join(folder, name), 'utf8');
    expect([name, secretsIn(seen)]).toEqual([name, []]);
    if (name === 'ps') continue;
    expect(seen).toContain(`AWS_SECRET_ACCESS_KEY=${cloudKey}`);
    expect(seen).not.toMatch(/^(TERRAMESH_|ATLANTIS_|DATABASE_URL|GITHUB_TOKEN|NODE_)/m);
  }
  // What it was given and printed is masked on the way to people.
  const printed = answer.json<RunResult>().ProjectResults[0]?.ApplySuccess ?? '';
  expect(printed).toContain('AWS_SECRET_ACCESS_KEY=***');
  const log = (await system.http('GET', `${answer.headers.get('location')}/logs`)).text;
  expect(log).toContain('AWS_SECRET_ACCESS_KEY=***');
  for (const text of [answer.text, log]) expect([...secretsIn(text), text.includes(cloudKey)]).toEqual([false]);
});

test('no command line holds a secret, and the token went where it belongs', async () => {
  expect(http.authorized).toBeGreaterThan(0);
  expect(commandLines.length).toBeGreaterThan(0);
  for (const lines of commandLines) expect(secretsIn(lines)).toEqual([]);
});

test('errors about the repository, the host and the request hold none', async () => {
  const answers = [
    await system.plan(request(['ok'], { Repository: 'acme/none' })),
    await system.plan(request(['ok'], { Ref: 'nope' })),
    await system.plan(request(['ok']), { headers: { 'X-Atlantis-Token': `${apiSecret}x` } }),
  ];
  expect(answers.map(({ status }) => status)).toEqual([404, 404, 401]);
  http.refuseEveryone();
  answers.push(await system.plan(request(['ok'], { Repository: 'acme/other' })));
  await http.close();
  answers.push(await system.plan(request(['ok'], { Repository: 'acme/another' })));
  expect(answers.slice(-2).map(({ status }) => status)).toEqual([404, 503]);
  const shown = answers.map(({ text }) => text);
  expect(shown.flatMap(secretsIn)).toEqual([]);
  expect(shown.join('')).not.toContain(folder);
});

test('the log of every service at its most talkative holds none', () => {
  expect(system.logged.length).toBeGreaterThan(20);
  for (const line of system.logged) expect(secretsIn(line)).toEqual([]);
});

test('neither the database nor the data directory keeps one', async () => {
  const client = new pg.Client({ connectionString: system.databaseUrl });
  await client.connect();
  const { rows: tables } = await client.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  expect(tables.length).toBeGreaterThan(5);
  for (const { name } of tables) {
    const { rows } = await client.query<{ text: string }>(`select t::text as text from ${name} t`);
    expect([name, rows.flatMap(({ text }) => secretsIn(text))]).toEqual([name, []]);
  }
  await client.end();
  for (const entry of await readdir(system.dataDirs[0] ?? '', { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const content = await readFile(join(entry.parentPath, entry.name), 'latin1');
    expect([entry.name, secretsIn(content)]).toEqual([entry.name, []]);
  }
});
