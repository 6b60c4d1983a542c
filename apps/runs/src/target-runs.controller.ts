import { Controller } from '@nestjs/common';
import { type ParsedInput, targetRuns } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { ReadTargetRuns } from './read-target-runs.js';

@Controller()
export class TargetRunsController {
  constructor(private readonly readTargetRuns: ReadTargetRuns) {}

  @Serve(targetRuns.latest)
  latest(input: ParsedInput<typeof targetRuns.latest>) {
    return this.readTargetRuns.latest(input);
  }

  @Serve(targetRuns.traces)
  traces(input: ParsedInput<typeof targetRuns.traces>) {
    return this.readTargetRuns.traces(input);
  }

  @Serve(targetRuns.list)
  list(input: ParsedInput<typeof targetRuns.list>) {
    return this.readTargetRuns.list(input);
  }

  @Serve(targetRuns.get)
  get(input: ParsedInput<typeof targetRuns.get>) {
    return this.readTargetRuns.get(input);
  }
}
