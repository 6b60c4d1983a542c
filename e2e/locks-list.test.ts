// GET /api/locks of several gateways over one truth: whoever is asked knows what happened before.
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type AtlantisLock, AtlantisLocks, type LockKey, locks } from '@terramesh/contracts';
import { gateway } from '@terramesh/gateway';
import { Mesh, openMesh } from '@terramesh/mesh';
import { createLogger, loadSettings, type RunningService, startService } from '@terramesh/service';
import { apiSecret, type System, startSystem } from './src/system.js';

const logger = createLogger({ level: 'silent' });
/** More than fits one message or one answer of changes. */
const count = 2_500;

const keyOf = (directory: string): LockKey => ({
  ...{ hostname: 'github.com', repository: 'acme/infra', terraformWorkspace: 'default', name: '' },
  directory,
});
const nameOf = (directory: string) => `acme/infra/${directory}/default/`;

describe.each(['inproc', 'nats'] as const)('over %s', (mesh) => {
  let system: System;
  let other: RunningService;
  let closeLink = async () => {};
  let calls: Mesh;
  beforeAll(async () => {
    system = await startSystem({ mesh, githubUrl: 'file:///nonexistent' });
    const url = system.nats?.url;
    const link = url === undefined ? system.link : await openMesh({ url, service: 'gateway', logger });
    if (link !== system.link) closeLink = () => link.close();
    const env = {
      TERRAMESH_PORT: '0',
      TERRAMESH_HOST: '127.0.0.1',
      TERRAMESH_API_SECRET: apiSecret,
      TERRAMESH_REPO_ALLOWLIST: '*',
    };
    const settings = loadSettings(gateway.settings, { env });
    other = await startService(gateway, { settings, link, logger, stopTimeoutMs: 5_000 });
    calls = new Mesh(system.link, 'test');
  });
  afterAll(async () => {
    await other?.stop();
    await closeLink();
    await system?.stop();
  });

  const acquire = (pull: number, directories: string[]) =>
    calls.call(locks.acquire, { holder: { kind: 'pull', pull }, keys: directories.map(keyOf), user: 'ann' });
  const shownBy = async (url: string): Promise<AtlantisLock[]> =>
    AtlantisLocks.parse(await (await fetch(`${url}/api/locks`)).json()).Locks;
  const urls = () => [system.url, other.url ?? ''];
  const holderShownBy = async (url: string, directory: string) =>
    (await shownBy(url)).find(({ Name }) => Name === nameOf(directory))?.PullID;
  const release = (url: string, directory: string) =>
    fetch(`${url}/locks?id=${encodeURIComponent(encodeURIComponent(nameOf(directory)))}`, {
      method: 'DELETE',
      headers: { 'X-Atlantis-Token': apiSecret },
    });

  test('what one gateway or anybody else changed, every gateway shows at once', async () => {
    for (const url of urls()) expect(await shownBy(url)).toEqual([]);
    for (let round = 0; round < 10; round += 1) {
      const [mine, theirs] = round % 2 === 0 ? urls() : urls().reverse();
      await acquire(round + 1, ['a', 'b']);
      expect(await holderShownBy(theirs ?? '', 'a')).toBe(String(round + 1));
      expect((await release(mine ?? '', 'a')).status).toBe(200);
      expect(await holderShownBy(theirs ?? '', 'a')).toBeUndefined();
      expect(await holderShownBy(theirs ?? '', 'b')).toBe(String(round + 1));
      expect((await release(theirs ?? '', 'b')).status).toBe(200);
      expect(await holderShownBy(mine ?? '', 'b')).toBeUndefined();
    }
  });

  test(`${count} locks are all there, sorted by name, whatever has to be read anew`, async () => {
    const directories = Array.from({ length: count }, (_, index) => `d${index}`);
    for (let at = 0; at < count; at += 500) await acquire(1, directories.slice(at, at + 500));
    for (const url of urls()) {
      const shown = await shownBy(url);
      expect(shown.map(({ Name }) => Name)).toEqual(directories.map(nameOf).sort());
    }
    await release(system.url, 'd77');
    await acquire(2, ['d77', 'zz']);
    for (const url of urls()) {
      const shown = await shownBy(url);
      expect(shown.map(({ Name }) => Name)).toEqual([...directories, 'zz'].map(nameOf).sort());
      expect(shown.filter(({ PullID }) => PullID === '2').map(({ ProjectRepoPath }) => ProjectRepoPath)).toEqual([
        'd77',
        'zz',
      ]);
    }
  });
});
