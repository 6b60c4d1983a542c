import { readFileSync } from 'node:fs';
import { z } from 'zod';

const SystemError = z.object({ code: z.string() });

/** The text of a file that a setting names. Throws an Error fit for the person who set it. */
export function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const code = SystemError.safeParse(error).data?.code ?? 'unknown error';
    throw new Error(`${path} cannot be read: ${code}`, { cause: error });
  }
}
