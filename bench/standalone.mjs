// The product as `npm start` runs it, in a folder of its own.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePort } from '@terramesh/testing';

const main = fileURLToPath(new URL('../apps/standalone/dist/main.js', import.meta.url));
const secret = 'bench-secret';
const startTimeoutMs = 60_000;

export async function startStandalone({ githubUrl, settings = {} }) {
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
  const child = spawn(process.execPath, [main], { env, stdio: ['ignore', 'pipe', 'pipe'] });
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
  await untilReady(
    url,
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

async function untilReady(url, hasExited, output) {
  for (const deadline = Date.now() + startTimeoutMs; Date.now() < deadline; ) {
    if (hasExited()) break;
    const ready = await fetch(`${url}/readyz`).then(
      (response) => response.ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`standalone did not start:\n${output()}`);
}
