// Prometheus metrics of one process. Label values come from the contracts only, so that their number is fixed.
import type { MeshObservation, MeshObserver } from '@terramesh/mesh';
import type { Registry } from 'prom-client';

export interface Metrics {
  /** Where a service registers its own. */
  readonly registry: Registry;
  /** For `openMesh`. */
  readonly observer: MeshObserver;
  readonly contentType: string;
  text(): Promise<string>;
}

const bucketsSeconds = [0.002, 0.01, 0.05, 0.25, 1, 5, 30];

/** Loads prom-client only now: a process without metrics does not carry it. */
export async function openMetrics(): Promise<Metrics> {
  const { collectDefaultMetrics, Histogram, Registry } = await import('prom-client');
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const histogram = (name: string, help: string) =>
    new Histogram({ name, help, labelNames: ['subject', 'outcome'], buckets: bucketsSeconds, registers: [registry] });
  const calls = histogram('terramesh_mesh_call_seconds', 'Calls to other services, by operation and outcome.');
  const served = histogram('terramesh_mesh_serve_seconds', 'Operations and events served, by subject and outcome.');
  const observe = (to: typeof calls, { subject, outcome, durationMs }: MeshObservation): void =>
    to.observe({ subject, outcome }, durationMs / 1000);
  return {
    registry,
    observer: { called: (call) => observe(calls, call), served: (call) => observe(served, call) },
    contentType: registry.contentType,
    text: () => registry.metrics(),
  };
}
