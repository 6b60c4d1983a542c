// What keeps an apply from beginning at all: the breaker and the window.
import type { DriftContext } from '../context.js';
import { readBreaker } from '../persistence/breaker.js';
import type { Transaction } from '../persistence/transaction.js';
import { isWithin } from './apply-window.js';

/** Undefined when an apply may begin now; else why not, and what to do about it. */
export async function obstacleToApply(
  manager: Transaction,
  origin: 'user' | 'automatic',
  { settings }: Pick<DriftContext, 'settings'>,
): Promise<string | undefined> {
  const breaker = await readBreaker(manager);
  if (breaker.state === 'open') {
    const since = breaker.openedAt?.toISOString() ?? 'a while ago';
    return `the breaker is open since ${since}: ${breaker.reason ?? 'too much drifted at once'}; nothing is applied until it is closed with POST /api/drift/breaker/close`;
  }
  const isBound = origin === 'automatic' || settings.driftApplyWindowFor === 'everyone';
  if (isBound && !isWithin(settings.driftApplyWindow, new Date())) {
    return 'drift is not put right at this time: see TERRAMESH_DRIFT_APPLY_WINDOW';
  }
  return undefined;
}
