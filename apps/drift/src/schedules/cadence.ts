// When a schedule has its turns: pure, and the only file that knows the cron library.
import { AppError, type ScheduleCadence } from '@terramesh/contracts';
import { Cron } from 'croner';

/** What decides the turns of one schedule. */
export interface Timing {
  readonly cadence: ScheduleCadence;
  /** Null: the whole interval, or the minute that a cron line names. */
  readonly jitterSeconds: number | null;
  /** Its place among all schedules, 0 ≤ place < 1. */
  readonly place: number;
}

const minute = 60;
const minIntervalSeconds = minute;
const maxIntervalSeconds = 366 * 24 * 60 * minute;
/** Turns of a cron line that are looked at to find the shortest time between two. */
const sampledTurns = 24;

/**
 * The place of the nth schedule: multiples of the golden ratio, so that any number of schedules that were made one after
 * another are spread evenly, and a new one moves none of them.
 */
export function placeOf(number: number): number {
  return (number * 0.618_033_988_749_894_9) % 1;
}

/** Throws INVALID that says what is wrong with the cadence or the jitter. `now` in ms. */
export function assertTiming({ cadence, jitterSeconds }: Omit<Timing, 'place'>, now: number): void {
  const gapSeconds = cadence.kind === 'cron' ? checkCron(cadence, now) : checkInterval(cadence.seconds);
  if (jitterSeconds === null) return;
  if (jitterSeconds < 0) throw new AppError('INVALID', 'jitter must not be negative');
  if (jitterSeconds > gapSeconds) {
    throw new AppError('INVALID', `jitter must not be longer than the ${gapSeconds} s between two turns`);
  }
}

/** The first turn after a moment; both in ms. Undefined when there is none. */
export function turnAfter(timing: Timing, after: number): number | undefined {
  const offset = offsetMs(timing);
  const { cadence } = timing;
  if (cadence.kind === 'interval') {
    const period = cadence.seconds * 1000;
    return (Math.floor((after - offset) / period) + 1) * period + offset;
  }
  const next = cronOf(cadence).nextRun(new Date(after - offset));
  return next === null ? undefined : next.getTime() + offset;
}

/** How many turns there are after `after` and until `until`, itself included; counts no further than `max`. */
export function countTurns(timing: Timing, range: { after: number; until: number; max: number }): number {
  let count = 0;
  for (let turn = turnAfter(timing, range.after); turn !== undefined && turn <= range.until; count += 1) {
    if (count === range.max) break;
    turn = turnAfter(timing, turn);
  }
  return count;
}

function offsetMs({ cadence, jitterSeconds, place }: Timing): number {
  const spreadSeconds = jitterSeconds ?? (cadence.kind === 'interval' ? cadence.seconds : minute);
  return Math.floor(spreadSeconds * place * 1000);
}

/** The shortest time between two turns, in seconds. */
function checkCron(cadence: ScheduleCadence & { kind: 'cron' }, now: number): number {
  const { cron, timeZone } = cadence;
  const fields = cron.trim().split(/\s+/);
  if (cron.trim().startsWith('@') || fields.length !== 5) {
    const hint = fields.length === 6 ? '; seconds cannot be given: a schedule runs at most once a minute' : '';
    throw new AppError(
      'INVALID',
      `cron ${JSON.stringify(cron)} is not a cron line: it must have the five fields minute, hour, day of month, month and day of week${hint}`,
    );
  }
  assertTimeZone(timeZone);
  let turns: Date[];
  try {
    turns = cronOf(cadence).nextRuns(sampledTurns, new Date(now));
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message.replace(/^Cron\w+: /, '') : String(cause);
    throw new AppError('INVALID', `cron ${JSON.stringify(cron)} is not a cron line: ${reason}`, { cause });
  }
  if (turns.length === 0) throw new AppError('INVALID', `cron ${JSON.stringify(cron)} never comes to a turn`);
  const gaps = turns.slice(1).map((turn, at) => (turn.getTime() - (turns[at]?.getTime() ?? 0)) / 1000);
  return Math.min(maxIntervalSeconds, ...gaps);
}

function checkInterval(seconds: number): number {
  if (seconds < minIntervalSeconds) throw new AppError('INVALID', 'interval must be at least 60 seconds');
  if (seconds > maxIntervalSeconds) throw new AppError('INVALID', 'interval must be at most 366 days');
  return seconds;
}

function assertTimeZone(timeZone: string): void {
  try {
    if (!/^[A-Za-z]/.test(timeZone)) throw new RangeError('not a name');
    new Intl.DateTimeFormat('en', { timeZone });
  } catch (cause) {
    const message = `${JSON.stringify(timeZone)} is not a time zone; use a name like Europe/Berlin or UTC`;
    throw new AppError('INVALID', message, { cause });
  }
}

function cronOf({ cron, timeZone }: ScheduleCadence & { kind: 'cron' }): Cron {
  return new Cron(cron.trim(), { mode: '5-part', timezone: timeZone, paused: true });
}
