// The gateway is ready when the services that it forwards to answer.
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { access, locks, runs } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';
import { Readiness } from '@terramesh/service';

const options = { timeoutMs: 1_500 };

@Injectable()
export class BackendChecks implements OnModuleInit {
  constructor(
    private readonly mesh: Mesh,
    private readonly readiness: Readiness,
  ) {}

  onModuleInit(): void {
    this.readiness.add('runs', async () => {
      await this.mesh.call(runs.countInProgress, {}, options);
    });
    this.readiness.add('projects', async () => {
      await this.mesh.call(access.identify, { tokenHash: null, address: 'readiness' }, options);
    });
    this.readiness.add('locks', async () => {
      await this.mesh.call(locks.getApplyLock, {}, options);
    });
  }
}
