// Finds a nats-server for tests and mesh mode: on the PATH, in docker, or, as root on Debian, installed now.
import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

const advice = `There is no nats-server here. Get one in one of these ways:
  - Debian, Ubuntu:  apt-get install nats-server
  - macOS:           brew install nats-server
  - elsewhere:       https://docs.nats.io/running-a-nats-service/introduction/installation
  - or start docker: the image nats:2 is used then.`;

/**
 * Resolves to how a nats-server can be run here. Throws an Error that says how to get one.
 * @returns {Promise<'path' | 'docker'>}
 */
export async function ensureNats() {
  // Where Debian puts it, and a user's PATH may not look; what is started from here inherits it.
  process.env.PATH = `${process.env.PATH}:/usr/local/sbin:/usr/sbin`;
  if (await succeeds('nats-server', ['--version'])) return 'path';
  if (await succeeds('docker', ['info'])) return 'docker';
  if (await canInstall()) {
    process.stderr.write('Installing nats-server…\n');
    await install();
    if (await succeeds('nats-server', ['--version'])) return 'path';
  }
  throw new Error(advice);
}

async function canInstall() {
  if (process.getuid?.() !== 0 || !existsSync('/etc/debian_version')) return false;
  return succeeds('apt-get', ['--version']);
}

async function install() {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const options = { env, timeout: 5 * 60_000, maxBuffer: 64 * 1024 * 1024 };
  const quiet = ['-qq', '-o', 'Dpkg::Use-Pty=0', '-o', 'DPkg::Lock::Timeout=120'];
  try {
    await run('apt-get', [...quiet, 'update'], options);
    await run('apt-get', [...quiet, 'install', '-y', '--no-install-recommends', 'nats-server'], options);
  } catch (error) {
    throw new Error(`nats-server could not be installed: ${String(error.stderr || error.message).trim()}\n${advice}`);
  }
  // The package brings a service on port 4222, the port that people try first; without systemd it has not started.
  await succeeds('systemctl', ['disable', '--now', 'nats-server']);
}

async function succeeds(file, args) {
  try {
    await run(file, args, { timeout: 30_000 });
    return true;
  } catch {
    return false;
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    const how = await ensureNats();
    console.log(how === 'path' ? 'nats-server is on the PATH' : 'nats-server runs in docker');
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
