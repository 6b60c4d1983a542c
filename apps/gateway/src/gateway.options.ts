// What the parts of the gateway need to know of its settings.

/** Injected by this class; made in gateway.ts. */
export abstract class GatewayOptions {
  /** Without a trailing slash. */
  abstract readonly publicUrl: string;
  /** Undefined: every guarded route answers that the API is disabled. */
  abstract readonly apiSecret: string | undefined;
  abstract readonly reads: 'public' | 'token';
  /** Off: every route of drift answers that it is not enabled. */
  abstract readonly drift: 'on' | 'off';
  /** First word of RePlanCmd and ApplyCmd. */
  abstract readonly executableName: string;
  /** How long waiting callers outlive a mesh that does not answer. */
  abstract readonly meshPatienceMs: number;
  abstract readonly version: string;
}
