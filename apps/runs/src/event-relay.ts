// Publishes what the outbox holds.
import { runEvents } from '@terramesh/contracts';
import { OutboxRelay } from '@terramesh/database';
import type { Mesh } from '@terramesh/mesh';
import type { RunsContext } from './context.js';

/** Whoever waits for a run has its answer by then. */
const patienceMs = 25;

export function eventRelay({ database, logger }: RunsContext, mesh: Mesh): OutboxRelay {
  const publish = async (subject: string, payload: unknown) => {
    if (subject !== runEvents.finished.subject) throw new Error(`${subject} is not an event of this service`);
    await mesh.publish(runEvents.finished, runEvents.finished.payload.parse(payload));
  };
  return new OutboxRelay({ database, publish, logger, patienceMs });
}
