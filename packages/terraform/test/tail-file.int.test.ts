import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { startProcess, tailFile } from '../src/index.js';
import { until } from './sandbox.js';

let root: string;
let path: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'tail-test-'));
  path = join(root, 'output.log');
});
afterEach(() => rm(root, { recursive: true, force: true }));

const never = new Promise<never>(() => {});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

describe('tailFile', () => {
  test('delivers lines as they are written, across cut characters, and the rest at the end', async () => {
    const lines: string[] = [];
    const ended = deferred();
    const tail = tailFile(path, { onLines: (more) => void lines.push(...more), ended: ended.promise });
    const bytes = Buffer.from('grüße 🌍\nnext');
    for (const byte of bytes) await appendFile(path, Buffer.of(byte));
    await until(async () => lines[0], 'the first line');
    expect(lines).toEqual(['grüße 🌍']);
    ended.resolve();
    await tail;
    expect(lines).toEqual(['grüße 🌍', 'next']);
  });

  test('delivers all of 10 MB that a process wrote, in order, and nothing twice', async () => {
    const count = 150_000;
    const script = `i=0; awk 'BEGIN { for (i = 0; i < ${count}; i++) printf "%d: %s\\n", i, "a line of seventy characters or so, as Terraform prints them: ü" }'`;
    const directory = join(root, 'process');
    const child = await startProcess({
      executable: '/bin/sh',
      args: ['-c', script],
      cwd: root,
      env: { PATH: '/usr/bin:/bin' },
      directory,
    });
    let next = 0;
    const onLines = (lines: string[]) => {
      for (const line of lines) {
        if (!line.startsWith(`${next}: a line`) || !line.endsWith('ü')) throw new Error(`line ${next} is ${line}`);
        next += 1;
      }
    };
    await tailFile(join(directory, 'output.log'), { onLines, ended: child.exited });
    expect(next).toBe(count);
  });

  test('goes on where an earlier tail of the file had got to', async () => {
    await writeFile(path, 'a\nb\r\nc\nd');
    const lines: string[] = [];
    await tailFile(path, { onLines: (more) => void lines.push(...more), ended: Promise.resolve(), skipLines: 2 });
    expect(lines).toEqual(['c', 'd']);
  });

  test('ends without a line for a file that never comes', async () => {
    await tailFile(path, { onLines: () => Promise.reject(new Error('no')), ended: Promise.resolve() });
  });

  test('delivers everything too when what it waits for fails', async () => {
    await writeFile(path, 'a\n');
    const lines: string[] = [];
    await tailFile(path, { onLines: (more) => void lines.push(...more), ended: Promise.reject(new Error('no')) });
    expect(lines).toEqual(['a']);
  });

  test('ends at once when it is aborted', async () => {
    const abort = new AbortController();
    const tail = tailFile(path, { onLines: () => {}, ended: never, signal: abort.signal });
    abort.abort();
    await tail;
  });

  test('an error of the receiver ends it', async () => {
    await writeFile(path, 'a\n');
    const onLines = () => Promise.reject(new Error('the store is full'));
    await expect(tailFile(path, { onLines, ended: never })).rejects.toThrow('the store is full');
  });
});
