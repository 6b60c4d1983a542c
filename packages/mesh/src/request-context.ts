// Who asked, until when: follows one request through every service without being passed by hand.
import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

export interface RequestContext {
  readonly requestId: string;
  /** W3C trace context, as received. */
  readonly traceparent?: string;
  /** Epoch ms by this host's clock; no call made inside waits longer. Undefined = each operation's own timeout. */
  readonly deadlineAt?: number;
}

const storage = new AsyncLocalStorage<RequestContext>();

/** Runs `work` so that every call, event and log line it makes carries `context`. */
export function runInRequestContext<T>(context: RequestContext, work: () => T): T {
  return storage.run(context, work);
}

/** The context of the request that is being handled; undefined outside of one. */
export function currentRequestContext(): RequestContext | undefined {
  return storage.getStore();
}

/** A new id, or the caller's own when it is safe to log and to put into a header. */
export function requestIdFrom(proposed: string | undefined): string {
  return proposed !== undefined && /^[\w.:/+=@-]{1,128}$/.test(proposed) ? proposed : randomUUID();
}
