// What a launcher is told, and what it tells.
import type { Environment } from '../environment.js';

/** Where a process writes: to the end of files, or into the message that tells of its end. */
export type Output =
  | { readonly to: 'files'; readonly stdout: string; readonly stderr: string }
  | {
      readonly to: 'message';
      /** The rest is read and thrown away. */
      readonly maxStdoutBytes: number;
      readonly maxStderrBytes: number;
    };

export interface LaunchOptions {
  /** A path, or a name that is looked for in the PATH of `env`. */
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  /** All of the environment; nothing is inherited. */
  readonly env: Environment;
  readonly output: Output;
  /** `low`: only what the processors have to spare, for work that nobody waits for. Default `normal`. */
  readonly priority?: 'normal' | 'low';
}

export interface Launch {
  readonly id: number;
  readonly options: LaunchOptions;
  /** Launched when this one has ended with one of the codes; fails with ECANCELED when it ends otherwise. */
  readonly next?: { readonly codes: readonly number[]; readonly launch: Launch };
}

export type Request =
  | ({ readonly kind: 'launch' } & Launch)
  | { readonly kind: 'signal'; readonly id: number; readonly signal: NodeJS.Signals };

/** How a launched process ended; its output when it was to be in the message. */
export interface LaunchedEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export type Report =
  | { readonly kind: 'started'; readonly id: number; readonly pid: number }
  | { readonly kind: 'failed'; readonly id: number; readonly code: string; readonly message: string }
  | { readonly kind: 'ended'; readonly id: number; readonly end: LaunchedEnd };
