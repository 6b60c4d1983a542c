import { expect, test } from '@jest/globals';
import { AppError } from '@terramesh/contracts';
import { runInRequestContext } from '@terramesh/mesh';
import { createLogger, type LoggerOptions } from './logger.js';
import { nestLogger } from './nest-logger.js';

function logged(options: Partial<LoggerOptions>, write: (logger: ReturnType<typeof createLogger>) => void): string[] {
  const lines: string[] = [];
  write(createLogger({ level: 'debug', ...options, write: (line) => lines.push(line) }));
  return lines;
}

test('a line is JSON with its level, time, fields and message', () => {
  const lines = logged({ fields: { service: 'locks' } }, (logger) => {
    logger.child({ part: 'sweeper' }).info({ freed: 2 }, 'swept');
    logger.warn('careful');
  });
  expect(lines.map((line) => JSON.parse(line))).toEqual([
    { level: 'info', time: expect.any(String), service: 'locks', part: 'sweeper', freed: 2, msg: 'swept' },
    { level: 'warn', time: expect.any(String), service: 'locks', msg: 'careful' },
  ]);
});

test('no field is on a line twice: what is nearer to the line counts', () => {
  const lines = logged({ fields: { service: 'locks', part: 'start' } }, (logger) => {
    const child = logger.child({ service: 'locks' });
    child.info('started');
    runInRequestContext({ requestId: 'req-1' }, () => {
      child.child({ part: 'sweeper' }).warn({ service: 'runs', requestId: 'req-2' }, 'careful');
    });
    logger.error(new Error('broken'));
  });
  const names = lines.map((line) =>
    [...line.matchAll(/"(service|part|requestId)":"([^"]*)"/g)].map(([, ...pair]) => pair),
  );
  expect(names).toEqual([
    [
      ['service', 'locks'],
      ['part', 'start'],
    ],
    [
      ['service', 'runs'],
      ['part', 'sweeper'],
      ['requestId', 'req-2'],
    ],
    [
      ['service', 'locks'],
      ['part', 'start'],
    ],
  ]);
  expect(JSON.parse(lines.at(-1) ?? '')).toMatchObject({ err: { message: 'broken' }, msg: 'broken' });
});

test('lines below the level are not written', () => {
  expect(logged({ level: 'warn' }, (logger) => logger.info('x'))).toEqual([]);
});

test('the request id comes from the request', () => {
  const [line] = logged({}, (logger) => runInRequestContext({ requestId: 'req-1' }, () => logger.info('x')));
  expect(JSON.parse(line ?? '')).toMatchObject({ requestId: 'req-1' });
});

test('an error is logged with its code, stack and cause', () => {
  const error = new AppError('UNAVAILABLE', 'no database', { cause: new Error('connection refused') });
  const [line] = logged({}, (logger) => logger.error({ err: error }, 'failed'));
  expect(JSON.parse(line ?? '')).toMatchObject({
    err: { code: 'UNAVAILABLE', message: expect.stringContaining('no database') },
  });
  expect(line).toContain('connection refused');
});

test.each(['json', 'text'] as const)('no secret is in a %s line, whatever field it is in', (format) => {
  const lines = logged({ format, secrets: ['hunter22', 'line1\nline2'] }, (logger) => {
    logger.info(
      { password: 'unknown1', headers: { authorization: 'unknown2' }, text: 'line1\nline2' },
      'it is hunter22',
    );
    logger.error({ err: new Error('cannot connect to postgres://app:unknown3@host with hunter22') }, 'failed');
  });
  expect(lines.join('')).not.toMatch(/hunter22|unknown|line1/);
  expect(lines).toHaveLength(2);
});

test('text lines are for people', () => {
  const [line] = logged({ format: 'text', fields: { service: 'locks' } }, (logger) =>
    logger.info({ freed: 2, key: { name: 'a b' } }, 'swept'),
  );
  expect(line).toMatch(/^\d\d:\d\d:\d\d info {2}locks {4}swept freed=2 key=\{"name":"a b"\}\n$/);
});

test("Nest's chatter is debug, its warnings and errors are not", () => {
  const lines = logged({}, (logger) => {
    const nest = nestLogger(logger);
    nest.log('Mapped {/x, GET} route', 'RouterExplorer');
    nest.warn('careful', 'Injector');
    nest.error('broken', 'Error: broken\n    at x', 'Handler');
    nest.error(new Error('thrown'));
  });
  expect(lines.map((line) => JSON.parse(line))).toMatchObject([
    { level: 'debug', nest: 'RouterExplorer', msg: 'Mapped {/x, GET} route' },
    { level: 'warn', nest: 'Injector', msg: 'careful' },
    { level: 'error', nest: 'Handler', stack: 'Error: broken\n    at x', msg: 'broken' },
    { level: 'error', err: { message: 'thrown' }, msg: 'thrown' },
  ]);
});
