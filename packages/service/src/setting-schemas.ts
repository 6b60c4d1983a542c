// Schemas that several services need for their settings; each takes text.
import { z } from 'zod';

/** `true`, `yes`, `on`, `1` and their opposites. */
export const onOff = z.union([z.boolean(), z.stringbool()]);

/** Items between commas, trimmed; empty ones are dropped. */
export const commaList = z
  .union([z.array(z.string()), z.string().transform((text) => text.split(','))])
  .transform((items) => items.map((item) => item.trim()).filter((item) => item !== ''));

/** 0 to 65535. */
export const portNumber = z.coerce.number().int().min(0).max(65_535);

/** Whole seconds in, milliseconds out. */
export const secondsAsMs = z.coerce
  .number()
  .min(0)
  .transform((seconds) => Math.round(seconds * 1000));
