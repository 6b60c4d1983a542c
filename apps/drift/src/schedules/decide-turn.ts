// What becomes of a turn that is due. Pure; times in ms.
import { countTurns, type Timing, turnAfter } from './cadence.js';

export interface DueTurn {
  readonly timing: Timing;
  readonly dueAt: number;
  readonly now: number;
  /** How late a turn may be taken before it counts as missed. */
  readonly graceMs: number;
  readonly before: 'running' | 'over';
  /** In a row. */
  readonly failures: number;
}

export interface TurnDecision {
  /** `skip`: the detection before still runs. */
  readonly action: 'start' | 'skip';
  /** Turns that nobody took; one start makes up for all of them. At most 1000 are counted. */
  readonly missed: number;
  readonly nextRunAt: number;
}

const maxMissedCounted = 1000;
const firstBackOffMs = 60_000;
const maxBackOffMs = 3_600_000;
/** For a cron line whose last turn has passed, as far as the calendar is known. */
const neverMs = 100 * 366 * 24 * 3_600_000;

export function decideTurn({ timing, dueAt, now, graceMs, before, failures }: DueTurn): TurnDecision {
  const isLate = now - dueAt > graceMs;
  const missed = isLate ? 1 + countTurns(timing, { after: dueAt, until: now, max: maxMissedCounted - 1 }) : 0;
  return {
    action: before === 'running' ? 'skip' : 'start',
    missed,
    nextRunAt: nextTurn({ timing, after: isLate || before === 'running' ? now : dueAt, failures }),
  };
}

/** The first turn after a moment, later when it failed before: a minute, two, four … an hour. */
export function nextTurn({ timing, after, failures }: { timing: Timing; after: number; failures: number }): number {
  return turnAfter(timing, after + backOffMs(failures)) ?? after + neverMs;
}

function backOffMs(failures: number): number {
  return failures === 0 ? 0 : Math.min(maxBackOffMs, firstBackOffMs * 2 ** Math.min(failures - 1, 20));
}

/** Whether people know of this problem already: the same words, but for numbers and ids. */
export function isSameProblem(a: string | null, b: string): boolean {
  return a !== null && withoutNumbers(a) === withoutNumbers(b);
}

function withoutNumbers(text: string): string {
  return text.replace(/\b(?:run|exe)-\w+|[0-9a-f]{7,}|\d+/gi, '#');
}
