import { Injectable } from '@nestjs/common';
import { AppError, type driftRecords, type HandlerResult, type ParsedInput } from '@terramesh/contracts';
import { z } from 'zod';
import { DriftContext } from '../context.js';
import { fitPage } from '../fit-page.js';
import { numberOfCursor } from '../number-of-cursor.js';
import { changesOf, findRecord, listEvents, listRecords, placeOf } from '../persistence/record-queries.js';
import { driftRecordOf, type RecordRow } from '../persistence/record-row.js';
import { shortRef } from './short-ref.js';

@Injectable()
export class ReadRecords {
  constructor(private readonly context: DriftContext) {}

  async list(input: ParsedInput<typeof driftRecords.list>): Promise<HandlerResult<typeof driftRecords.list>> {
    const { limit } = input;
    const after = await this.place(input.after);
    const filter = { ...input, ref: input.ref === null ? null : shortRef(input.ref) };
    const rows = await listRecords(this.context.manager, filter, { after, limit });
    const { items, next } = fitPage(rows, { limit, cursorOf: ({ id }) => id });
    const now = new Date();
    return { records: items.map((row) => driftRecordOf(row, now)), next };
  }

  async get(id: string): Promise<HandlerResult<typeof driftRecords.get>> {
    const row = await this.find(id);
    const changes = await changesOf(this.context.manager, id);
    return { record: driftRecordOf(row, new Date()), changes, truncated: row.truncated };
  }

  async history(input: ParsedInput<typeof driftRecords.history>): Promise<HandlerResult<typeof driftRecords.history>> {
    const { id, limit } = input;
    const before = numberOfCursor(input.after);
    await this.find(id);
    const rows = await listEvents(this.context.manager, { id, before, limit });
    const { items, next } = fitPage(rows, { limit, cursorOf: (row) => row.id });
    const events = items.map(({ at, kind, run_id: runId, commit, counts, detail }) => {
      return { at: at.toISOString(), kind, runId, commit, counts, detail };
    });
    return { events, next };
  }

  private async find(id: string): Promise<RecordRow> {
    const row = await findRecord(this.context.manager, id);
    if (row === undefined) throw new AppError('NOT_FOUND', `there is no drift record ${id}`);
    return row;
  }

  /** A cursor is the id of a record: what a place is made of is too long for one. */
  private async place(after: string | null): Promise<readonly string[] | null> {
    if (after === null) return null;
    const row = z.uuid().safeParse(after).success ? await findRecord(this.context.manager, after) : undefined;
    if (row === undefined) throw new AppError('INVALID', 'after is not `next` of a page');
    return placeOf(row);
  }
}
