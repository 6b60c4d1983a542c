// What happens when the broker or a connection dies, and who may connect.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startTestNats, type TestNats, until } from '@terramesh/testing';
import { Mesh, type MeshLink, openMesh } from '../src/index.js';
import { echo, echoEvents } from './echo-contract.js';
import { keepingLogger, type RunningEcho, startEcho } from './echo-service.js';

describe('when the broker dies', () => {
  let nats: TestNats;
  let callerLink: MeshLink;
  let serviceLink: MeshLink;
  let mesh: Mesh;
  let service: RunningEcho;

  beforeEach(async () => {
    nats = await startTestNats();
    const open = () => openMesh({ url: nats.url, logger: keepingLogger() });
    [callerLink, serviceLink] = [await open(), await open()];
    mesh = new Mesh(callerLink, 'test');
    service = await startEcho(serviceLink, 'one');
  });
  afterEach(async () => {
    service.instance.openGate();
    await Promise.all([callerLink.close(), serviceLink.close()]);
    await service.stop();
    await nats.stop();
  });

  async function killBroker(): Promise<void> {
    await nats.kill();
    for (const link of [callerLink, serviceLink])
      await until(() =>
        link.ready().then(
          () => false,
          () => true,
        ),
      );
  }

  test('the link is not ready until the broker is back', async () => {
    await killBroker();
    await nats.restart();
    for (const link of [callerLink, serviceLink]) await until(() => link.ready().then(() => true));
  });

  test('a call that is not idempotent fails at once', async () => {
    await killBroker();
    await expect(mesh.call(echo.refuse, { text: 'x' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect(service.instance.calls).toBe(0);
  });

  test('events are refused; once all are back, they arrive', async () => {
    await killBroker();
    for (const event of [echoEvents.work, echoEvents.bell]) {
      await expect(mesh.publish(event, { text: 'x' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    }
    await nats.restart();
    await until(() => serviceLink.ready().then(() => true));
    await serviceLink.flush();
    await until(() => mesh.publish(echoEvents.work, { text: 'y' }).then(() => true));
    await until(() => service.instance.work.length > 0);
    expect(service.instance.work).toEqual(['y']);
  });

  test('an event published while the broker dies is either refused or on the broker', async () => {
    const outcomes: Promise<'accepted' | 'refused'>[] = [];
    const killed = nats.kill();
    const publish = () =>
      mesh.publish(echoEvents.work, { text: 'x' }).then(
        () => 'accepted' as const,
        () => 'refused' as const,
      );
    await until(() => {
      const outcome = publish();
      outcomes.push(outcome);
      return outcome.then((result) => result === 'refused');
    });
    await killed;
    const accepted = (await Promise.all(outcomes)).filter((outcome) => outcome === 'accepted').length;
    expect(service.instance.work.length).toBeLessThanOrEqual(accepted);
    await expect(mesh.publish(echoEvents.work, { text: 'x' })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('a pending idempotent call succeeds once the broker is back', async () => {
    const call = mesh.call(echo.holdAgain, { text: 'x' });
    await until(() => service.instance.held.length === 1);
    await killBroker();
    service.instance.openGate();
    await nats.restart();
    expect(await call).toEqual({ text: 'x' });
  });

  test('an idempotent call made while the broker is down succeeds once it is back', async () => {
    await killBroker();
    const call = mesh.call(echo.say, { text: 'hi' });
    await nats.restart();
    expect(await call).toMatchObject({ text: 'hi' });
  });

  test('the answer to any other pending call arrives once the broker is back, and the call ran once', async () => {
    const call = mesh.call(echo.hold, { text: 'x' });
    await until(() => service.instance.held.length === 1);
    await killBroker();
    service.instance.openGate();
    await nats.restart();
    expect(await call).toEqual({ text: 'x' });
    expect(service.instance.held).toEqual(['x']);
  });
});

describe('when a service dies', () => {
  test('its callers get TIMEOUT for a call that may have happened, and the next instance answers the others', async () => {
    const nats = await startTestNats();
    const logger = keepingLogger();
    const callerLink = await openMesh({ url: nats.url, logger });
    const mesh = new Mesh(callerLink, 'test');
    const doomed = await startResponder(nats.port);
    const once = mesh.call(echo.hold, { text: 'x' }, { timeoutMs: 2_000 }).catch((error: unknown) => error);
    const again = mesh.call(echo.holdAgain, { text: 'x' }, { timeoutMs: 4_000 });
    await until(() => doomed.received() === 2);
    doomed.process.kill('SIGKILL');
    const serviceLink = await openMesh({ url: nats.url, logger });
    const next = await startEcho(serviceLink, 'next');
    next.instance.openGate();
    expect(await again).toEqual({ text: 'x' });
    expect(await once).toMatchObject({ code: 'TIMEOUT' });
    expect(next.instance.held).toEqual(['x']);
    await next.stop();
    await Promise.all([callerLink.close(), serviceLink.close()]);
    await nats.stop();
  });

  /** Another process that receives requests and never answers. */
  async function startResponder(port: number): Promise<{ process: ChildProcess; received: () => number }> {
    const script = `
      import { connect } from '@nats-io/transport-node';
      const nc = await connect({ port: ${port} });
      nc.subscribe('echo.>', { queue: 'echo', callback: () => console.log('request') });
      await nc.flush();
      console.log('ready');`;
    const args = ['--input-type=module', '--eval', script];
    const child = spawn(process.execPath, args, { cwd: import.meta.dirname, stdio: ['ignore', 'pipe', 'inherit'] });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    await once(child.stdout, 'data');
    return { process: child, received: () => output.split('request').length - 1 };
  }
});

describe('the first connection', () => {
  test('waits for a broker that is not there yet', async () => {
    const nats = await startTestNats();
    await nats.kill();
    const opening = openMesh({ url: nats.url, logger: keepingLogger(), connectWithinMs: 30_000 });
    await nats.restart();
    const link = await opening;
    await link.ready();
    await link.close();
    await nats.stop();
  });

  test('gives up after a while, naming the server but no password', async () => {
    const opening = openMesh({
      url: 'nats://user:hunter22@127.0.0.1:1',
      logger: keepingLogger(),
      connectWithinMs: 300,
    });
    const error: unknown = await opening.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'UNAVAILABLE', message: 'NATS cannot be reached at 127.0.0.1:1' });
  });
});
