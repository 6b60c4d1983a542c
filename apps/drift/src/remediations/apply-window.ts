// When remediations may apply: windows of the week, each in a time zone of its own. Pure.

export interface ApplyWindow {
  /** 0 is Sunday. */
  readonly days: readonly number[];
  /** Minutes of the day; the window ends before `until`, on the next day when that is not after `from`. */
  readonly from: number;
  readonly until: number;
  readonly timeZone: string;
}

const dayNames = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'];
const minutesOfDay = 24 * 60;

/**
 * `Mon-Fri 08:00-18:00 Europe/Berlin; Sat 10:00-12:00 UTC`: days (names, ranges, commas), times, a zone (UTC without one).
 * Empty text has no windows. Throws Error that says which part cannot be read.
 */
export function parseWindows(text: string): readonly ApplyWindow[] {
  const parts = text.split(';').map((part) => part.trim());
  return parts.filter((part) => part !== '').map(parseWindow);
}

/** True when there are no windows, or the moment is in one of them. */
export function isWithin(windows: readonly ApplyWindow[], at: Date): boolean {
  return windows.length === 0 || windows.some((window) => includes(window, at));
}

function parseWindow(text: string): ApplyWindow {
  const match = /^(\S+)\s+(\d\d):(\d\d)-(\d\d):(\d\d)(?:\s+(\S+))?$/.exec(text);
  if (match === null)
    throw new Error(`${JSON.stringify(text)} is not a window like "Mon-Fri 08:00-18:00 Europe/Berlin"`);
  const [, days = '', fromHour, fromMinute, untilHour, untilMinute, timeZone = 'UTC'] = match;
  const from = minutes(fromHour, fromMinute);
  const until = minutes(untilHour, untilMinute);
  if (from >= minutesOfDay || until > minutesOfDay || from === until) {
    throw new Error(`the times of ${JSON.stringify(text)} are not a span of a day`);
  }
  assertTimeZone(timeZone);
  return { days: [...new Set(days.split(',').flatMap(parseDays))], from, until, timeZone };
}

function minutes(hour = '', minute = ''): number {
  return Number(minute) < 60 ? Number(hour) * 60 + Number(minute) : Number.POSITIVE_INFINITY;
}

function parseDays(text: string): number[] {
  const [first = -1, last = first] = text.split('-').map((name) => dayNames.indexOf(name.toLowerCase()));
  if (first < 0 || last < 0 || text.split('-').length > 2) {
    throw new Error(`${JSON.stringify(text)} is not a day or days: use Mon, Tue, Wed, Thu, Fri, Sat, Sun`);
  }
  const length = ((last - first + 7) % 7) + 1;
  return Array.from({ length }, (_, offset) => (first + offset) % 7);
}

function assertTimeZone(timeZone: string): void {
  try {
    new Intl.DateTimeFormat('en-US', { timeZone });
  } catch {
    throw new Error(`${JSON.stringify(timeZone)} is not a time zone, use one like Europe/Berlin`);
  }
}

function includes(window: ApplyWindow, at: Date): boolean {
  const { day, minute } = localTime(at, window.timeZone);
  if (window.until > window.from) {
    return window.days.includes(day) && minute >= window.from && minute < window.until;
  }
  const dayBefore = (day + 6) % 7;
  return (
    (window.days.includes(day) && minute >= window.from) || (window.days.includes(dayBefore) && minute < window.until)
  );
}

function localTime(at: Date, timeZone: string): { day: number; minute: number } {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, value]));
  return {
    day: dayNames.indexOf((parts.get('weekday') ?? '').toLowerCase()),
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  };
}
