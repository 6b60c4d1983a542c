import { Controller } from '@nestjs/common';
import { driftBreaker, type EventPayload, type ParsedInput, remediations, runEvents } from '@terramesh/contracts';
import { Serve, Subscribe } from '@terramesh/mesh';
import { ManageBreaker } from './manage-breaker.js';
import { ReadRemediations } from './read-remediations.js';
import { RemediationWorker } from './remediation-worker.js';
import { StartRemediation } from './start-remediation.js';

@Controller()
export class RemediationsController {
  constructor(
    private readonly startRemediation: StartRemediation,
    private readonly readRemediations: ReadRemediations,
    private readonly manageBreaker: ManageBreaker,
    private readonly worker: RemediationWorker,
  ) {}

  @Serve(remediations.start)
  start(input: ParsedInput<typeof remediations.start>) {
    return this.startRemediation.start(input);
  }

  @Serve(remediations.get)
  get({ id }: ParsedInput<typeof remediations.get>) {
    return this.readRemediations.get(id);
  }

  @Serve(remediations.wait)
  wait(input: ParsedInput<typeof remediations.wait>) {
    return this.readRemediations.wait(input);
  }

  @Serve(remediations.list)
  list(input: ParsedInput<typeof remediations.list>) {
    return this.readRemediations.list(input);
  }

  @Serve(remediations.targets)
  targets(input: ParsedInput<typeof remediations.targets>) {
    return this.readRemediations.targets(input);
  }

  @Serve(driftBreaker.get)
  getBreaker() {
    return this.manageBreaker.get();
  }

  @Serve(driftBreaker.close)
  closeBreaker({ user }: ParsedInput<typeof driftBreaker.close>) {
    return this.manageBreaker.close(user);
  }

  @Subscribe(runEvents.activity)
  async onActivity({ runId, news }: EventPayload<typeof runEvents.activity>) {
    if (news === 'finished') await this.worker.hurry(runId);
  }
}
