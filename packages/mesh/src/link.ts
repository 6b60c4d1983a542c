// What a transport must be able to do. Everything above this interface is the same for NATS and in-process.
import type { ErrorCode } from '@terramesh/contracts';

export interface MeshLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface MeshObservation {
  readonly subject: string;
  readonly outcome: 'ok' | ErrorCode;
  readonly durationMs: number;
}

/** Is told of every finished call and every served operation or event; for metrics. */
export interface MeshObserver {
  called(observation: MeshObservation): void;
  served(observation: MeshObservation): void;
}

export type MeshHeaders = Readonly<Record<string, string>>;

export interface MeshMessage {
  /** JSON text. */
  readonly body: string;
  readonly headers: MeshHeaders;
  /** Undefined for events. Waits for a lost connection, at most `waitMs`. */
  readonly respond?: (body: string, waitMs: number) => Promise<void>;
}

export interface MeshSubscription {
  /** No new messages; resolves when the ones on their way have been delivered. */
  drain(): Promise<void>;
}

export interface LinkRequest {
  readonly subject: string;
  readonly body: string;
  readonly headers: MeshHeaders;
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** What to do when the connection is lost before the answer: fail at once, or hope for the answer until the timeout. */
  readonly onLostConnection: 'fail' | 'wait';
}

export interface LinkEvent {
  readonly subject: string;
  readonly body: string;
  readonly headers: MeshHeaders;
  /** `broker-has-it` resolves only after the broker confirmed; `sent` when it is on its way. */
  readonly until: 'sent' | 'broker-has-it';
}

/** One connection to the other services. Its methods reject with AppError only. */
export interface MeshLink {
  readonly transport: 'inproc' | 'nats';
  readonly maxPayloadBytes: number;
  readonly logger: MeshLogger;
  readonly observer: MeshObserver | undefined;
  /** The body of the answer. UNAVAILABLE: no responder or no connection; TIMEOUT: no answer. */
  request(request: LinkRequest): Promise<string>;
  publish(event: LinkEvent): Promise<void>;
  /** With a queue group, each message reaches one member of the group; without, every subscriber. */
  subscribe(options: {
    subject: string;
    queue: string | undefined;
    onMessage: (message: MeshMessage) => void;
  }): MeshSubscription;
  /** Resolves when everything sent so far has reached the broker. */
  flush(): Promise<void>;
  /** Rejects with UNAVAILABLE while there is no connection. */
  ready(): Promise<void>;
  close(): Promise<void>;
}
