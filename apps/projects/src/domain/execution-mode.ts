// Whether a project has an execution mode of its own or takes its organization's.

export type OwnExecutionMode = 'remote' | 'local' | null;

export interface WantedExecution {
  readonly mode?: 'remote' | 'local' | 'agent' | null | undefined;
  /** True: the mode is its own; false: it is the organization's, whatever else is said; undefined: as the mode says. */
  readonly overwrites?: boolean | undefined;
}

/** Null for the organization's mode. `inherited` is what that is now, for a project that shall keep it as its own. */
export function ownExecutionMode(
  wanted: WantedExecution,
  { own, inherited }: { readonly own: OwnExecutionMode; readonly inherited: 'remote' | 'local' | 'agent' },
): OwnExecutionMode {
  if (wanted.overwrites === false) return null;
  // No document with `agent` passes: there are no agent pools.
  if (wanted.mode === 'remote' || wanted.mode === 'local') return wanted.mode;
  if (wanted.overwrites === true && own === null) return inherited === 'local' ? 'local' : 'remote';
  return own;
}
