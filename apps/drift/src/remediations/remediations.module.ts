import { Module } from '@nestjs/common';
import { BeginRun } from './begin-run.js';
import { FinishRemediation } from './finish-remediation.js';
import { FollowRun } from './follow-run.js';
import { ManageBreaker } from './manage-breaker.js';
import { ReadRemediations } from './read-remediations.js';
import { RemediationWorker } from './remediation-worker.js';
import { RemediationsController } from './remediations.controller.js';
import { StartRemediation } from './start-remediation.js';

@Module({
  controllers: [RemediationsController],
  providers: [
    BeginRun,
    FinishRemediation,
    FollowRun,
    ManageBreaker,
    ReadRemediations,
    RemediationWorker,
    StartRemediation,
  ],
})
export class RemediationsModule {}
