// The product as `npm start` and `npm run start:mesh` run it, in a folder of its own.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { freePort } from '@terramesh/testing';

const pathOf = (file) => fileURLToPath(new URL(`../${file}`, import.meta.url));
const greeting = 'terramesh is up';
const secret = 'bench-secret';
const startTimeoutMs = 60_000;

export function startStandalone(options) {
  return start([pathOf('apps/standalone/dist/main.js')], options);
}

/** @param {{ replicas: string, githubUrl: string, settings?: object }} options `replicas` as in `runs=2` */
export function startMesh({ replicas, ...options }) {
  return start([pathOf('tools/start-mesh.mjs'), '--replicas', replicas], options);
}

async function start(program, { githubUrl, settings = {} }) {
  const dataDir = await mkdtemp(join(tmpdir(), 'terramesh-bench-'));
  const port = await freePort();
  const env = {
    PATH: process.env.PATH,
    HOME: dataDir,
    TERRAMESH_PORT: String(port),
    TERRAMESH_HOST: '127.0.0.1',
    TERRAMESH_DATA_DIR: join(dataDir, 'data'),
    TERRAMESH_API_SECRET: secret,
    TERRAMESH_REPO_ALLOWLIST: 'github.com/*',
    TERRAMESH_GITHUB_URL: githubUrl,
    TERRAMESH_LOG_LEVEL: 'warn',
    ...settings,
  };
  const child = spawn(process.execPath, program, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const url = `http://127.0.0.1:${port}`;
  const post = async (path, body) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'X-Atlantis-Token': secret, 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 2000)}`);
    return { body: JSON.parse(text), location: response.headers.get('location') };
  };
  const get = async (path) => (await fetch(url + path, { headers: { 'X-Atlantis-Token': secret } })).json();
  await untilUp(
    () => child.exitCode !== null,
    () => output,
  );
  return {
    pid: child.pid,
    url,
    secret,
    post,
    get,
    async stop() {
      child.kill('SIGTERM');
      await exited;
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

/** It greets when every part of it serves. */
async function untilUp(hasExited, output) {
  for (const deadline = Date.now() + startTimeoutMs; Date.now() < deadline && !hasExited(); ) {
    if (output().includes(greeting)) return;
    await delay(50);
  }
  throw new Error(`the product did not start:\n${output()}`);
}
