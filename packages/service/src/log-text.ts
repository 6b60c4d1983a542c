// A log line for people: `12:30:01 info  locks  lock granted  fence=3`.
import { z } from 'zod';

const Line = z.looseObject({
  time: z.string(),
  level: z.string(),
  msg: z.string().optional(),
  service: z.string().optional(),
  err: z.looseObject({ stack: z.string().optional(), message: z.string().optional() }).optional(),
});

/** JSON line in, text line out; a line that is not one of ours is left as it is. */
export function formatLine(json: string): string {
  const parsed = Line.safeParse(parseLine(json));
  if (!parsed.success) return json;
  const { time, level, msg, service, err, ...rest } = parsed.data;
  const fields = Object.entries(rest).map(
    ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  const words = [time.slice(11, 19), level.padEnd(5), service?.padEnd(8), msg, ...fields].filter(
    (word) => word !== undefined && word !== '',
  );
  const stack = err?.stack ?? err?.message;
  return `${words.join(' ')}${stack === undefined ? '' : `\n${stack.replace(/^/gm, '    ')}`}\n`;
}

function parseLine(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
