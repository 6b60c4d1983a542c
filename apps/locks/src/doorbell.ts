// Tells runs that wait to look again.
import { lockEvents } from '@terramesh/contracts';
import type { Mesh } from '@terramesh/mesh';

const maxRunsPerEvent = 1000;

export class Doorbell {
  constructor(
    private readonly mesh: Mesh,
    private readonly onUnheard: (error: unknown) => void,
  ) {}

  /** Call it after the commit. Never rejects: whoever waits also asks again by itself. */
  async ring(runIds: readonly string[]): Promise<void> {
    try {
      for (let at = 0; at < runIds.length; at += maxRunsPerEvent) {
        await this.mesh.publish(lockEvents.changed, { runIds: runIds.slice(at, at + maxRunsPerEvent) });
      }
    } catch (error) {
      this.onUnheard(error);
    }
  }
}
