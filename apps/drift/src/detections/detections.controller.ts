import { Controller } from '@nestjs/common';
import { driftDetections, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { ReadDetections } from './read-detections.js';
import { StartDetection } from './start-detection.js';

@Controller()
export class DetectionsController {
  constructor(
    private readonly startDetection: StartDetection,
    private readonly readDetections: ReadDetections,
  ) {}

  @Serve(driftDetections.start)
  start(input: ParsedInput<typeof driftDetections.start>) {
    return this.startDetection.start({ ...input, scheduleId: null, followUp: 'nothing' });
  }

  @Serve(driftDetections.get)
  get({ id }: ParsedInput<typeof driftDetections.get>) {
    return this.readDetections.get(id);
  }

  @Serve(driftDetections.wait)
  wait({ id, waitMs }: ParsedInput<typeof driftDetections.wait>) {
    return this.readDetections.wait(id, waitMs);
  }

  @Serve(driftDetections.list)
  list(input: ParsedInput<typeof driftDetections.list>) {
    return this.readDetections.list(input);
  }

  @Serve(driftDetections.targets)
  targets(input: ParsedInput<typeof driftDetections.targets>) {
    return this.readDetections.targets(input);
  }
}
