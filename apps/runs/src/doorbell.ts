// Wakes others after a commit. A doorbell that is lost only costs time: every listener polls as well.
import { Injectable } from '@nestjs/common';
import { runEvents } from '@terramesh/contracts';
import { Mesh } from '@terramesh/mesh';

@Injectable()
export class Doorbell {
  constructor(private readonly mesh: Mesh) {}

  /** There is something to claim. */
  queued(what: 'run' | 'execution'): void {
    this.mesh.publish(runEvents.queued, { what }).catch(ignoreLostDoorbell);
  }

  /** Something about this run changed. */
  activity(runId: string): void {
    this.mesh.publish(runEvents.activity, { runId, news: 'progress' }).catch(ignoreLostDoorbell);
  }

  /** It is over, for everybody. */
  finished(runId: string): void {
    this.mesh.publish(runEvents.activity, { runId, news: 'finished' }).catch(ignoreLostDoorbell);
  }

  /** Its workers are to stop. */
  canceled(runId: string): void {
    this.mesh.publish(runEvents.activity, { runId, news: 'cancel' }).catch(ignoreLostDoorbell);
  }
}

function ignoreLostDoorbell(): void {}
