import { TerrameshClientError } from './client-error.js';
import type { RunSummary, WaitOptions } from './client-types.js';

/** Polls until the run is finished. TIMEOUT when `timeoutMs` is over; the run goes on. */
export async function untilFinished(
  runId: string,
  poll: (signal: AbortSignal) => Promise<RunSummary>,
  { signal, timeoutMs }: WaitOptions,
): Promise<RunSummary> {
  const deadline = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
  const either = AbortSignal.any([signal, deadline].filter((one) => one !== undefined));
  try {
    for (;;) {
      const run = await poll(either);
      if (run.status === 'finished') return run;
    }
  } catch (cause) {
    if (!deadline?.aborted || signal?.aborted) throw cause;
    const message = `run ${runId} was not finished within ${timeoutMs} ms; it goes on`;
    throw new TerrameshClientError(message, { code: 'TIMEOUT', httpStatus: undefined, cause });
  }
}
