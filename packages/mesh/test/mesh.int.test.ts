// What a service may rely on, whatever carries the messages.
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { AppError } from '@terramesh/contracts';
import { startTestNats, type TestNats, until } from '@terramesh/testing';
import { Mesh, type MeshLink, openMesh, runInRequestContext } from '../src/index.js';
import { echo, echoEvents } from './echo-contract.js';
import { keepingLogger, type RunningEcho, startEcho } from './echo-service.js';

describe.each(['inproc', 'nats'] as const)('over %s', (transport) => {
  let nats: TestNats | undefined;
  let logger = keepingLogger();
  let links: MeshLink[] = [];
  let services: RunningEcho[] = [];
  let mesh: Mesh;

  beforeAll(async () => {
    nats = transport === 'nats' ? await startTestNats() : undefined;
  });
  afterAll(async () => nats?.stop());

  beforeEach(async () => {
    logger = keepingLogger();
    mesh = new Mesh(await link(), 'test');
  });
  afterEach(async () => {
    for (const { instance } of services) instance.openGate();
    await Promise.all(services.map((service) => service.stop()));
    await Promise.all(links.map((one) => one.close()));
    services = [];
    links = [];
  });

  /** In-process: the one link of the process. NATS: a connection of its own, as each process has. */
  async function link(): Promise<MeshLink> {
    const shared = transport === 'inproc' ? links[0] : undefined;
    if (shared !== undefined) return shared;
    const opened = await openMesh({ url: nats?.url ?? 'inproc:', logger });
    links.push(opened);
    return opened;
  }

  async function echoService(name: string, options: { service?: string; drainTimeoutMs?: number } = {}) {
    const service = await startEcho(await link(), name, options);
    services.push(service);
    return service;
  }

  async function errorOf(call: Promise<unknown>): Promise<AppError> {
    const error = await call.then(
      (value) => Promise.reject(new Error(`resolved with ${JSON.stringify(value)}`)),
      (reason: unknown) => reason,
    );
    if (!(error instanceof AppError))
      throw new Error('rejected with something else than an AppError', { cause: error });
    return error;
  }

  test('the handler gets parsed input and the caller parsed output', async () => {
    await echoService('one');
    expect(await mesh.call(echo.say, { text: 'hi' })).toEqual({ text: 'hi', by: 'one', at: new Date(0) });
  });

  test('invalid input is refused with the paths, by the caller and by the service', async () => {
    const { instance } = await echoService('one');
    const expected = {
      code: 'INVALID',
      details: {
        issues: [
          { path: 'text', message: expect.any(String) },
          { path: 'times', message: expect.any(String) },
        ],
      },
    };
    expect(await errorOf(mesh.call(echo.say, { text: '', times: 0 }))).toMatchObject(expected);
    const answer = await (await link()).request({
      subject: 'echo.say',
      body: '{"text":"","times":0}',
      headers: {},
      timeoutMs: 5_000,
      onLostConnection: 'fail',
    });
    expect(JSON.parse(answer)).toMatchObject({ error: expected });
    expect(instance.calls).toBe(0);
  });

  test('a body that is not JSON is invalid input', async () => {
    await echoService('one');
    const request = {
      subject: 'echo.say',
      body: '{',
      headers: {},
      timeoutMs: 5_000,
      onLostConnection: 'fail',
    } as const;
    expect(JSON.parse(await (await link()).request(request))).toMatchObject({ error: { code: 'INVALID' } });
  });

  test('an AppError arrives with its code, message and details, and is not logged', async () => {
    const { instance } = await echoService('one');
    const error = await errorOf(mesh.call(echo.refuse, { text: 'entry' }));
    expect(error).toMatchObject({ code: 'CONFLICT', message: 'no entry', details: { holder: { pull: 7 } } });
    expect(instance.calls).toBe(1);
    expect(logger.entries).toEqual([]);
  });

  test('any other error is INTERNAL without its message, which the service logs with the request id', async () => {
    await echoService('one');
    const call = runInRequestContext({ requestId: 'req-1' }, () => mesh.call(echo.break, { text: 'x' }));
    const error = await errorOf(call);
    expect(error.code).toBe('INTERNAL');
    expect(error.message).not.toContain('hunter22');
    expect(logger.entries).toMatchObject([
      {
        level: 'error',
        fields: { subject: 'echo.break', requestId: 'req-1', err: { message: 'the password is hunter22' } },
      },
    ]);
  });

  test('output that breaks the contract is INTERNAL', async () => {
    await echoService('one');
    expect((await errorOf(mesh.call(echo.lie, {}))).code).toBe('INTERNAL');
    expect(String(logger.entries[0]?.fields.err)).toContain('does not fit its contract');
  });

  test('without a responder a call fails at once', async () => {
    expect(await errorOf(mesh.call(echo.nobody, { text: 'x' }))).toMatchObject({ code: 'UNAVAILABLE' });
  });

  test('an idempotent call waits for a responder, until its deadline', async () => {
    // TIMEOUT when the deadline comes in the middle of the last try.
    expect(['UNAVAILABLE', 'TIMEOUT']).toContain((await errorOf(mesh.call(echo.nobodyYet, { text: 'x' }))).code);
    const call = mesh.call(echo.say, { text: 'late' });
    await echoService('late');
    expect(await call).toMatchObject({ by: 'late' });
  });

  test('a call times out when the answer does not come', async () => {
    const { instance } = await echoService('one');
    const error = await errorOf(mesh.call(echo.hold, { text: 'x' }, { timeoutMs: 100 }));
    expect(error.code).toBe('TIMEOUT');
    expect(instance.held).toEqual(['x']);
  });

  test('a call never outlives the deadline of the request it belongs to', async () => {
    await echoService('one');
    const context = { requestId: 'req-1', deadlineAt: Date.now() + 100 };
    const error = await errorOf(runInRequestContext(context, () => mesh.call(echo.hold, { text: 'x' })));
    expect(error.code).toBe('TIMEOUT');
    const expired = { requestId: 'req-1', deadlineAt: Date.now() - 1 };
    expect((await errorOf(runInRequestContext(expired, () => mesh.call(echo.say, { text: 'x' })))).code).toBe(
      'TIMEOUT',
    );
  });

  test('a caller can give up', async () => {
    await echoService('one');
    const calls = [echo.hold, echo.holdAgain].map((operation) => {
      const stop = new AbortController();
      const call = errorOf(mesh.call(operation, { text: 'x' }, { signal: stop.signal }));
      stop.abort();
      return call;
    });
    for (const error of await Promise.all(calls)) expect(error).toMatchObject({ code: 'TIMEOUT' });
  });

  test('a silent responder: an idempotent call is answered by another one, any other is not sent twice', async () => {
    const silent = await echoService('silent');
    const again = mesh.call(echo.holdAgain, { text: 'again' }, { timeoutMs: 3_000 });
    const once = errorOf(mesh.call(echo.hold, { text: 'once' }, { timeoutMs: 3_000 }));
    await until(() => silent.instance.held.length === 2);
    // It takes nothing more and, as its gate stays shut, never answers: to the callers, it is dead.
    const stopped = silent.stop();
    const other = await echoService('other');
    other.instance.openGate();
    expect(await again).toEqual({ text: 'again' });
    expect((await once).code).toBe('TIMEOUT');
    const all = services.flatMap(({ instance }) => instance.held).sort();
    expect(all).toEqual(['again', 'again', 'once']);
    silent.instance.openGate();
    await stopped;
  });

  test('the instances of a service share its requests', async () => {
    const [one, two] = [await echoService('one'), await echoService('two')];
    await Promise.all(Array.from({ length: 100 }, () => mesh.call(echo.say, { text: 'x' })));
    expect(one.instance.calls + two.instance.calls).toBe(100);
    expect(one.instance.calls).toBeGreaterThan(0);
    expect(two.instance.calls).toBeGreaterThan(0);
  });

  test('an every-instance event reaches every instance', async () => {
    const all = [await echoService('one'), await echoService('two'), await echoService('other', { service: 'other' })];
    await runInRequestContext({ requestId: 'req-1' }, () => mesh.publish(echoEvents.bell, { text: 'ding' }));
    await until(() => all.every(({ instance }) => instance.bells.length > 0));
    for (const { instance } of all) expect(instance.bells).toEqual(['ding req-1']);
  });

  test('a one-per-service event reaches exactly one instance of each service', async () => {
    const a = [await echoService('a1', { service: 'a' }), await echoService('a2', { service: 'a' })];
    const b = [await echoService('b1', { service: 'b' }), await echoService('b2', { service: 'b' })];
    const sent = Array.from({ length: 50 }, (_, index) => `work ${index}`);
    for (const text of sent) await mesh.publish(echoEvents.work, { text });
    const received = (service: RunningEcho[]) => service.flatMap(({ instance }) => instance.work);
    await until(() => received(a).length + received(b).length >= 100);
    for (const service of [a, b]) expect(received(service).sort()).toEqual([...sent].sort());
  });

  test('an event handler that fails is logged, and the next event arrives', async () => {
    const { instance } = await echoService('one');
    await mesh.publish(echoEvents.bell, { text: 'break' });
    await mesh.publish(echoEvents.bell, { text: 'ding' });
    await until(() => instance.bells.length === 1);
    expect(logger.entries).toMatchObject([{ level: 'error', fields: { subject: 'event.echo.bell' } }]);
  });

  test('an event that does not fit its contract is not sent', async () => {
    expect((await errorOf(mesh.publish(echoEvents.work, { text: '' }))).code).toBe('INVALID');
  });

  test('request id, trace and deadline travel through every hop', async () => {
    await echoService('one');
    const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01';
    const context = { requestId: 'req-1', traceparent, deadlineAt: Date.now() + 5_000 };
    const seen = await runInRequestContext(context, () => mesh.call(echo.context, { hops: 2 }));
    expect(seen).toMatchObject({ requestId: 'req-1', traceparent });
    expect(seen.remainingMs).toBeLessThanOrEqual(5_000);
  });

  test('a request id that is not safe in a header is replaced', async () => {
    await echoService('one');
    const context = { requestId: 'a\r\nb: c', traceparent: 'x\r\ny' };
    const seen = await runInRequestContext(context, () => mesh.call(echo.context, { hops: 0 }));
    expect(seen.requestId).toMatch(/^[0-9a-f-]{36}$/);
    expect(seen.traceparent).toBeNull();
  });

  test('a request that is too large is refused, and the connection lives on', async () => {
    await echoService('one');
    const text = 'x'.repeat(2 * 1024 * 1024);
    expect((await errorOf(mesh.call(echo.say, { text }))).code).toBe('TOO_LARGE');
    expect((await errorOf(mesh.publish(echoEvents.work, { text }))).code).toBe('TOO_LARGE');
    expect(await mesh.call(echo.say, { text: 'hi' })).toMatchObject({ text: 'hi' });
  });

  test('an answer that is too large is TOO_LARGE; one that just fits arrives', async () => {
    await echoService('one');
    expect((await errorOf(mesh.call(echo.grow, { bytes: 2 * 1024 * 1024 }))).code).toBe('TOO_LARGE');
    const bytes = 1024 * 1024 - '{"output":{"text":""}}'.length;
    expect((await mesh.call(echo.grow, { bytes })).text).toHaveLength(bytes);
    expect((await errorOf(mesh.call(echo.grow, { bytes: bytes + 1 }))).code).toBe('TOO_LARGE');
  });

  test('a service that stops answers what it has and takes nothing new', async () => {
    const stopping = await echoService('stopping');
    const call = mesh.call(echo.hold, { text: 'in flight' });
    await until(() => stopping.instance.held.length === 1);
    const stopped = stopping.stop();
    await until(async () => (await errorOf(mesh.call(echo.nobody, { text: 'x' }))).code === 'UNAVAILABLE');
    const refused = await errorOf(mesh.call(echo.refuse, { text: 'new' }));
    expect(refused.code).toBe('UNAVAILABLE');
    stopping.instance.openGate();
    expect(await call).toEqual({ text: 'in flight' });
    await stopped;
  });

  test('requests sent just before a stop are all answered', async () => {
    const service = await echoService('one');
    const calls = Array.from({ length: 50 }, (_, index) => mesh.call(echo.hold, { text: `${index}` }));
    await until(() => service.instance.held.length > 0);
    const stopped = service.stop();
    await until(() => service.instance.held.length === 50);
    service.instance.openGate();
    expect(await Promise.all(calls)).toHaveLength(50);
    await stopped;
  });

  test('a stop does not wait for ever', async () => {
    const service = await echoService('stuck', { drainTimeoutMs: 100 });
    const call = errorOf(mesh.call(echo.hold, { text: 'x' }, { timeoutMs: 1_000 }));
    await until(() => service.instance.held.length === 1);
    await service.stop();
    expect(logger.entries).toMatchObject([{ level: 'warn', fields: { subjects: ['echo.hold'] } }]);
    await call;
  });

  test('a closed link is not ready and refuses calls', async () => {
    const own = await link();
    await own.ready();
    await own.close();
    await expect(own.ready()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    expect((await errorOf(new Mesh(own, 'test').call(echo.nobody, { text: 'x' }))).code).toBe('UNAVAILABLE');
  });
});
