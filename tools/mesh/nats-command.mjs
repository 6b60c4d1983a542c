// A nats-server for this installation alone: on the loopback interface, with a password of its own.
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ensureNats } from '../ensure-nats.mjs';
import { freePort } from '../free-port.mjs';

/** @returns how to start it, and the MESH_URL with which it is reached */
export async function natsCommand(dataDir) {
  if ((await ensureNats()) !== 'path') {
    throw new Error('There is no nats-server on the PATH. Start one yourself and set MESH_URL=nats://host:port.');
  }
  const port = await freePort();
  const password = randomBytes(24).toString('hex');
  const config = join(dataDir, 'nats.conf');
  const content = `host: 127.0.0.1\nport: ${port}\nauthorization { user: terramesh, password: "${password}" }\n`;
  await writeFile(config, content, { mode: 0o600 });
  return {
    command: ['nats-server', '--config', config],
    meshUrl: `nats://terramesh:${password}@127.0.0.1:${port}`,
  };
}
