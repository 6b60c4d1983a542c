import 'reflect-metadata';
import { mkdtemp } from 'node:fs/promises';
import { Controller, Module } from '@nestjs/common';
import { repositories, runs } from '@terramesh/contracts';
import { startEmbeddedPostgres } from '@terramesh/database';
import { gateway } from '@terramesh/gateway';
import { locks } from '@terramesh/locks';
import { openMesh, Serve } from '@terramesh/mesh';
import { runsService } from '@terramesh/runs';
import { createLogger, loadSettings, startService } from '@terramesh/service';
import { createGitRemote } from '@terramesh/testing';

const dir = await mkdtemp('/tmp/tm-scratch-');
const remote = await createGitRemote({
  repository: 'acme/infra',
  files: {
    'main.tf': 'resource "terraform_data" "a" { input = "hällo" }\noutput "x" { value = terraform_data.a.output }\n',
    'sub/main.tf': 'resource "terraform_data" "b" { input = 1 }',
  },
});
const pg = await startEmbeddedPostgres({ dataDir: dir + '/pg' });
const env = {
  DATABASE_URL: pg.url,
  TERRAMESH_DATA_DIR: dir + '/data',
  TERRAMESH_PORT: '0',
  TERRAMESH_API_SECRET: 's3cret',
  TERRAMESH_REPO_ALLOWLIST: '*',
  TERRAMESH_GITHUB_URL: remote.baseUrl,
};
const logger = createLogger({ level: process.env.LOG ?? 'warn', format: 'text', secrets: [], fields: {} });
const link = await openMesh({ url: 'inproc:', logger });
class C {
  admit({ type, repository }) {
    return { hostname: 'github.com', repository, cloneUrl: `${remote.baseUrl}/${repository}.git` };
  }
}
Serve(repositories.admit)(C.prototype, 'admit', Object.getOwnPropertyDescriptor(C.prototype, 'admit'));
Controller()(C);
class M {}
Module({ controllers: [C] })(M);
const stub = { name: 'projects', settings: {}, module: () => ({ module: M }) };
const started = [];
for (const d of [stub, locks, runsService, gateway])
  started.push(await startService(d, { settings: loadSettings(d.settings, { env }), link, logger }));
const url = started.at(-1).url;
console.log('up', url);
const call = async (path, body) => {
  const t = performance.now();
  const r = await fetch(
    url + path,
    body
      ? { method: 'POST', headers: { 'X-Atlantis-Token': 's3cret' }, body: JSON.stringify(body) }
      : { headers: { 'X-Atlantis-Token': 's3cret' } },
  );
  const text = await r.text();
  console.log(path, r.status, Math.round(performance.now() - t) + 'ms', text.slice(0, 3000));
  return text;
};
const req = { Repository: 'acme/infra', Ref: 'main', Type: 'Github', Paths: [{ Directory: '.' }] };
await call('/api/plan', req);
await call('/api/plan', req);
await call('/api/apply', req);
await call('/api/plan', req);
await call('/api/plan', {
  ...req,
  Paths: [{ Directory: 'sub', Workspace: 'prod' }, { Directory: 'nope' }, { Directory: '../x' }],
});
await call('/api/locks');
await call('/api/runs');
await call('/status');
for (const s of started.reverse()) await s.stop();
await link.close();
await pg.stop();
await remote.remove();
console.log('rss', process.memoryUsage().rss / 1e6);
