// There may be no container engine here. So the very commands of the images' build stage run in a folder of their own,
// and what they made is started as the images start it: against NATS with the deployment's configuration and secrets.
import { type ChildProcess, execFile, type SpawnOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createTestDatabase, type TestDatabase, until } from '../packages/testing/dist/index.js';
import { freePort } from './free-port.mjs';

const run = promisify(execFile);
const services = ['projects', 'locks', 'runs', 'drift', 'gateway'];
const buildTimeoutMs = 8 * 60_000;

describe('what the Dockerfile builds', () => {
  let folder: string;
  let database: TestDatabase;
  const processes: ChildProcess[] = [];

  const start = (command: string, args: string[], options: SpawnOptions) => {
    const child = spawn(command, args, options);
    processes.push(child);
    return child;
  };

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'terramesh-images-'));
    database = await createTestDatabase();
    await copySources(folder);
    for (const command of buildCommands(await readFile('deploy/Dockerfile', 'utf8'))) {
      await run('sh', ['-c', command], { cwd: folder, env: buildEnvironment(), maxBuffer: 64 * 1024 * 1024 });
    }
    await run('sh', ['deploy/make-secrets.sh'], { cwd: folder });
  }, buildTimeoutMs);

  afterAll(async () => {
    for (const child of processes) child.kill('SIGKILL');
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  it('is what runs, without sources and tests', async () => {
    for (const service of services) {
      const packages = join('node_modules', '@terramesh');
      const own = await readdir(join(folder, 'out', service, packages));
      expect(own).toContain('contracts');
      for (const part of ['.', ...own.map((name) => join(packages, name))]) {
        const found = await readdir(join(folder, 'out', service, part));
        expect([service, part, found]).toEqual([service, part, expect.arrayContaining(['dist', 'package.json'])]);
        const surplus = found.filter((name) => ['src', 'test', 'tsconfig.json', 'turbo.json'].includes(name));
        expect([service, part, surplus]).toEqual([service, part, []]);
      }
    }
  });

  it('starts every service from its image’s folder, ready, and stops it with exit code 0', async () => {
    const natsPort = await freePort();
    const secrets = join(folder, 'deploy', 'secrets');
    const meshUrl = await readFile(join(secrets, 'mesh-url'), 'utf8');
    await writeFile(join(folder, 'mesh-url'), meshUrl.replace('@nats:4222', `@127.0.0.1:${natsPort}`));
    await writeFile(join(folder, 'database-url'), database.url);
    const natsConfig = await readFile(join(folder, 'deploy', 'nats.conf'), 'utf8');
    await writeFile(
      join(folder, 'deploy', 'nats.conf'),
      natsConfig.replace(/^port: 4222$/m, `port: ${natsPort}`).replace(/^http: .*$/m, ''),
    );
    start('nats-server', ['--config', join(folder, 'deploy', 'nats.conf')], { stdio: 'ignore' });

    const started = await Promise.all(
      services.map(async (service) => {
        const port = String(await freePort());
        const env = {
          ...imageEnvironment(),
          MESH_URL_FILE: join(folder, 'mesh-url'),
          ...(service === 'gateway'
            ? { TERRAMESH_PORT: port, TERRAMESH_API_SECRET_FILE: join(secrets, 'api-secret') }
            : { TERRAMESH_HEALTH_PORT: port }),
          ...(service === 'projects' ? { TERRAMESH_REPO_ALLOWLIST: 'github.com/acme/*' } : {}),
          ...(service === 'gateway' ? {} : { DATABASE_URL_FILE: join(folder, 'database-url') }),
          ...(service === 'runs' ? { TERRAMESH_DATA_DIR: join(folder, 'data') } : {}),
        };
        const child = start(process.execPath, ['dist/main.js'], {
          cwd: join(folder, 'out', service),
          env,
          stdio: 'inherit',
        });
        return { service, port, child };
      }),
    );

    for (const { service, port } of started) {
      const isReady = () => run(process.execPath, [join(folder, 'deploy', 'ready.mjs'), port]).then(() => true);
      await until(isReady, { timeoutMs: 30_000, describe: `${service} is ready` });
      expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).json()).toEqual({ status: 'ok' });
    }
    for (const { service, child } of started.reverse()) {
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      expect([service, code]).toEqual([service, 0]);
    }
  }, 90_000);
});

/** The RUN lines of the stage `build`, in their order. */
function buildCommands(dockerfile: string): string[] {
  const [, stage = ''] = /^FROM \S+ AS build\n([\s\S]*?)^FROM /m.exec(dockerfile) ?? [];
  const commands = [...stage.matchAll(/^RUN (.*)$/gm)].map(([, command = '']) => command);
  expect(commands.length).toBeGreaterThan(3);
  return commands;
}

/** What `COPY . .` brings: the files that are the project's, without what was built or installed here. */
async function copySources(folder: string): Promise<void> {
  const { stdout } = await run('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  const { stdout: deleted } = await run('git', ['ls-files', '-z', '--deleted']);
  const gone = new Set(deleted.split('\0'));
  const files = stdout.split('\0').filter((file) => file !== '' && !gone.has(file));
  for (const file of files) await cp(file, join(folder, file), { recursive: true });
}

function buildEnvironment(): NodeJS.ProcessEnv {
  const { NODE_ENV: _, ...env } = process.env;
  return { ...env, CI: 'true', TURBO_TELEMETRY_DISABLED: '1' };
}

/** What an image has, nothing of ours; only problems are logged. */
function imageEnvironment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    NODE_ENV: 'production',
    NODE_OPTIONS: '--enable-source-maps',
    TERRAMESH_LOG_LEVEL: 'warn',
  };
}
