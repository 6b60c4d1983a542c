// What `/healthz` and `/readyz` say, for every process that listens on HTTP.
import type { ReadinessReport } from './readiness.js';

export interface HealthAnswer {
  readonly status: 200 | 503;
  /** JSON text, sent as it is. */
  readonly body: string;
}

/** Atlantis indents this body by two spaces (server.go Healthz). */
const okBody = '{\n  "status": "ok"\n}';

export function healthAnswer(): HealthAnswer {
  return { status: 200, body: okBody };
}

export function readinessAnswer(report: ReadinessReport): HealthAnswer {
  return report.status === 'ok' ? healthAnswer() : { status: 503, body: JSON.stringify(report) };
}
