// The campaign's own Postgres: killed whole, at its head, or one of its children, and started again where it was.
import { setTimeout as delay } from 'node:timers/promises';
import { startEmbeddedPostgres } from '@terramesh/database';
import { childrenOf, isAlive, killQuietly } from './proc.mjs';

const killTimeoutMs = 30_000;

export async function startPostgres(dataDir) {
  const options = { dataDir, durability: 'process', onDeath: 'leave' };
  let server = await startEmbeddedPostgres(options);
  const { url, port } = server;
  return {
    url,
    /** SIGKILL to the postmaster, with or without its children. Resolves when it is gone. */
    async kill(which) {
      const { pid } = server;
      const children = which === 'whole' ? await childrenOf(pid) : [];
      for (const one of [pid, ...children]) killQuietly(one);
      for (const giveUpAt = Date.now() + killTimeoutMs; isAlive(pid) && Date.now() < giveUpAt; ) await delay(10);
    },
    /** The postmaster then ends all others, recovers from its log, and serves again by itself. */
    async killChild(random) {
      const children = await childrenOf(server.pid);
      if (children.length > 0) killQuietly(random.pick(children));
    },
    async restart() {
      await server.stop();
      server = await startEmbeddedPostgres({ ...options, port });
    },
    stop: () => server.stop(),
  };
}
