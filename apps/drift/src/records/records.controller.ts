import { Controller } from '@nestjs/common';
import { driftRecords, type EventPayload, type ParsedInput, runEvents } from '@terramesh/contracts';
import { Serve, Subscribe } from '@terramesh/mesh';
import { ReadRecords } from './read-records.js';
import { RecordRun } from './record-run.js';

@Controller()
export class RecordsController {
  constructor(
    private readonly readRecords: ReadRecords,
    private readonly recordRun: RecordRun,
  ) {}

  @Serve(driftRecords.list)
  list(input: ParsedInput<typeof driftRecords.list>) {
    return this.readRecords.list(input);
  }

  @Serve(driftRecords.get)
  get({ id }: ParsedInput<typeof driftRecords.get>) {
    return this.readRecords.get(id);
  }

  @Serve(driftRecords.history)
  history(input: ParsedInput<typeof driftRecords.history>) {
    return this.readRecords.history(input);
  }

  /** What fails here is found by the sweep. */
  @Subscribe(runEvents.finished)
  async runFinished({ runId, pull }: EventPayload<typeof runEvents.finished>): Promise<void> {
    if (pull === null) await this.recordRun.record(runId);
  }
}
