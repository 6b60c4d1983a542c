import { setTimeout as delay } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import {
  AppError,
  type Detection,
  type driftDetections,
  type HandlerResult,
  type ParsedInput,
} from '@terramesh/contracts';
import { DriftContext } from '../context.js';
import { fitPage } from '../fit-page.js';
import { numberOfCursor } from '../number-of-cursor.js';
import { detectionOf, findDetection, listDetectedTargets, listDetections } from '../persistence/detections.js';

const pollMs = 200;

@Injectable()
export class ReadDetections {
  constructor(private readonly context: DriftContext) {}

  async get(id: string): Promise<Detection> {
    const row = await findDetection(this.context.manager, id);
    if (row === undefined) throw new AppError('NOT_FOUND', `there is no detection ${id}`);
    return detectionOf(row);
  }

  async wait(id: string, waitMs: number): Promise<Detection> {
    const until = Date.now() + waitMs;
    for (;;) {
      const detection = await this.get(id);
      const left = until - Date.now();
      if (detection.completedAt !== null || left <= 0) return detection;
      await delay(Math.min(pollMs, left));
    }
  }

  async list(input: ParsedInput<typeof driftDetections.list>): Promise<HandlerResult<typeof driftDetections.list>> {
    const before = numberOfCursor(input.after);
    const rows = await listDetections(this.context.manager, { ...input, before });
    const { items, next } = fitPage(rows, { limit: input.limit, cursorOf: ({ number }) => number });
    return { detections: items.map(detectionOf), next };
  }

  async targets(
    input: ParsedInput<typeof driftDetections.targets>,
  ): Promise<HandlerResult<typeof driftDetections.targets>> {
    const { id, limit } = input;
    const after = numberOfCursor(input.after) ?? 0;
    await this.get(id);
    const rows = await listDetectedTargets(this.context.manager, { id, after, limit });
    const { items, next } = fitPage(rows, { limit, cursorOf: ({ ordinal }) => String(ordinal) });
    return { targets: items.map(({ found }) => found), next };
  }
}
