// The list of ten thousand locks, through the gateway: while nothing changes, and with a change before each reading.
import { createHash } from 'node:crypto';
import { startTestPostgres } from '@terramesh/testing';
import pg from 'pg';
import { startStandalone } from './standalone.mjs';
import { quantile } from './statistics.mjs';

const lockCount = 10_000;
const reads = 300;
const repository = 'bench/locks';
const firstTicket = 1_000;
const firstFollower = 1_000_000;

/** Rows of `[figure, measured, to reach]`. In a system of its own, for it fills the tables by hand. */
export async function measureLocks() {
  const postgres = await startTestPostgres();
  try {
    const settings = { DATABASE_URL: postgres.url };
    const standalone = await startStandalone({ githubUrl: 'https://github.invalid', settings });
    try {
      const database = new pg.Client({ connectionString: postgres.url });
      await database.connect();
      await fill(database).finally(() => database.end());
      return await measure(standalone);
    } finally {
      await standalone.stop();
    }
  } finally {
    await postgres.stop();
  }
}

/** Every lock is held by a pull request; behind each of the first ones waits another, which gets it when it is deleted. */
async function fill(database) {
  const held = Array.from({ length: lockCount }, (_, index) => claim(index, { pull: index + 1, isHeld: true }));
  const waiting = Array.from({ length: reads }, (_, index) => claim(index, { pull: firstFollower + index }));
  await database.query(
    'insert into locks.claims select * from jsonb_populate_recordset(null::locks.claims, $1::jsonb)',
    [JSON.stringify([...held, ...waiting])],
  );
  await database.query('update locks.ticket_counter set next = next + $1', [2 * firstFollower]);
}

function claim(index, { pull, isHeld = false }) {
  const [hostname, directory] = ['github.com', `services/team-${index % 20}/service-${index}`];
  const now = new Date().toISOString();
  return {
    ticket: firstTicket + pull,
    key_id: createHash('sha256')
      .update(JSON.stringify([hostname, repository, directory, 'default', '']))
      .digest('base64url'),
    ...{ hostname, repository, directory, terraform_workspace: 'default', target_name: '' },
    ...{ name: nameOf(directory), run_id: null, pull, fence: isHeld ? firstTicket + pull : null, guard: 'none' },
    ...{ user_name: 'jdoe', url: `https://github.com/${repository}/pull/${pull}`, reason: 'plan' },
    ...{ joined_at: now, held_since: isHeld ? now : null },
  };
}

const nameOf = (directory) => `${repository}/${directory}/default/`;

async function measure({ url, secret }) {
  const read = async () => {
    const startedAt = performance.now();
    const response = await fetch(`${url}/api/locks`);
    const bytes = await response.arrayBuffer();
    const ms = performance.now() - startedAt;
    const { Locks } = JSON.parse(Buffer.from(bytes).toString());
    if (Locks.length !== lockCount) throw new Error(`${Locks.length} locks are listed`);
    return { ms, bytes: bytes.byteLength, locks: Locks };
  };
  const first = await read();
  const quiet = [];
  for (let turn = 0; turn < reads; turn += 1) quiet.push((await read()).ms);
  const busy = [];
  for (let turn = 0; turn < reads; turn += 1) {
    const name = nameOf(`services/team-${turn % 20}/service-${turn}`);
    const query = `id=${encodeURIComponent(encodeURIComponent(name))}`;
    const deleted = await fetch(`${url}/locks?${query}`, {
      method: 'DELETE',
      headers: { 'X-Atlantis-Token': secret },
    });
    if (!deleted.ok) throw new Error(`DELETE of ${name} answered ${deleted.status}: ${await deleted.text()}`);
    const { ms, locks } = await read();
    busy.push(ms);
    const holder = locks.find((lock) => lock.Name === name)?.PullID;
    if (holder !== String(firstFollower + turn)) throw new Error(`${name} is shown as held by ${holder}`);
  }
  const row = (what, times) => {
    const [p50, p99] = [0.5, 0.99].map((share) => quantile(times, share).toFixed(0));
    return [`${lockCount} locks, ${what}, p50 and p99`, `${p50} ms and ${p99} ms`, 'p99 < 50 ms'];
  };
  return [
    row('nothing changes', quiet),
    row('one changes before each reading', busy),
    [
      `their first reading after a start (${(first.bytes / 1e6).toFixed(1)} MB)`,
      `${first.ms.toFixed(0)} ms`,
      'no figure',
    ],
  ];
}
