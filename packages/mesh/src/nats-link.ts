// One NATS connection, kept for ever. The client library drops what is sent while disconnected, so we ask first.
import { setTimeout as delay } from 'node:timers/promises';
import type { Msg, MsgHdrs, NatsConnection } from '@nats-io/transport-node';
import { AppError } from '@terramesh/contracts';
import type {
  LinkEvent,
  LinkRequest,
  MeshLink,
  MeshLogger,
  MeshMessage,
  MeshObserver,
  MeshSubscription,
} from './link.js';
import { noResponder, waitForAnswer, within } from './waiting.js';

const confirmTimeoutMs = 2_000;
/** Together longer than the reconnect of a caller takes. */
const repeatPausesMs = [250, 500, 1_000, 2_000];

type NatsLibrary = Pick<typeof import('@nats-io/transport-node'), 'headers' | 'RequestError' | 'TimeoutError'>;

export class NatsLink implements MeshLink {
  readonly transport = 'nats';
  private state: 'connected' | 'disconnected' | 'closed' = 'connected';
  /** Are told when the connection is lost, and when it is back. */
  private readonly lossListeners = new Set<() => void>();
  private readonly returnListeners = new Set<() => void>();
  private lastMaxPayloadBytes = 1024 * 1024;

  constructor(
    private readonly connection: NatsConnection,
    private readonly nats: NatsLibrary,
    readonly logger: MeshLogger,
    readonly observer: MeshObserver | undefined,
  ) {
    void this.watch();
  }

  get maxPayloadBytes(): number {
    this.lastMaxPayloadBytes = this.connection.info?.max_payload ?? this.lastMaxPayloadBytes;
    return this.lastMaxPayloadBytes;
  }

  async request(request: LinkRequest): Promise<string> {
    await this.ready();
    const { subject, body, timeoutMs, signal } = request;
    let onLoss: (() => void) | undefined;
    try {
      return await waitForAnswer({ subject, timeoutMs, signal }, (resolve, reject) => {
        if (request.onLostConnection === 'fail') {
          onLoss = () => reject(disconnected());
          this.lossListeners.add(onLoss);
        }
        // A little longer than our own timer, which tells what happened.
        const options = { timeout: timeoutMs + 100, headers: this.encodeHeaders(request.headers) };
        this.connection.request(subject, body, options).then(
          (message) => resolve(message.string()),
          (error: unknown) => reject(this.appError(subject, error)),
        );
      });
    } finally {
      if (onLoss !== undefined) this.lossListeners.delete(onLoss);
    }
  }

  async publish(event: LinkEvent): Promise<void> {
    await this.ready();
    this.send(event.subject, event.body, { headers: this.encodeHeaders(event.headers) });
    if (event.until === 'broker-has-it') await this.confirm();
  }

  subscribe(options: {
    subject: string;
    queue: string | undefined;
    onMessage: (message: MeshMessage) => void;
  }): MeshSubscription {
    const subscription = this.connection.subscribe(options.subject, {
      ...(options.queue === undefined ? {} : { queue: options.queue }),
      callback: (error, message) => {
        if (error === null) options.onMessage(this.received(message));
        else this.logger.error({ err: error, subject: options.subject }, 'a mesh subscription failed');
      },
    });
    return { drain: async () => void (subscription.isClosed() || (await subscription.drain())) };
  }

  async flush(): Promise<void> {
    if (this.state === 'connected') await this.confirm();
  }

  async ready(): Promise<void> {
    if (this.state !== 'connected') throw disconnected();
  }

  async close(): Promise<void> {
    if (this.state === 'closed') return;
    if (this.state === 'connected') await within(confirmTimeoutMs, this.connection.flush());
    this.state = 'closed';
    await this.connection.close();
  }

  private received(message: Msg): MeshMessage {
    const reply = message.reply;
    return {
      body: message.string(),
      headers: decodeHeaders(message.headers),
      ...(reply === undefined || reply === '' ? {} : { respond: (body, waitMs) => this.respond(reply, body, waitMs) }),
    };
  }

  private async respond(reply: string, body: string, waitMs: number): Promise<void> {
    if (this.state === 'disconnected') return this.respondAfterReturn(reply, body, Date.now() + waitMs);
    await this.ready();
    this.send(reply, body, {});
  }

  /** The caller, too, comes back and listens on the same subject, but perhaps later than we: we repeat the answer. */
  private async respondAfterReturn(reply: string, body: string, deadlineAt: number): Promise<void> {
    await within(deadlineAt - Date.now(), new Promise<void>((resolve) => this.returnListeners.add(resolve)));
    await this.ready();
    this.send(reply, body, {});
    for (const pauseMs of repeatPausesMs) {
      if (Date.now() + pauseMs > deadlineAt) return;
      await delay(pauseMs);
      if (this.state === 'connected') this.send(reply, body, {});
    }
  }

  private send(subject: string, body: string, options: { headers?: MsgHdrs }): void {
    try {
      this.connection.publish(subject, body, options);
    } catch (error) {
      throw this.appError(subject, error);
    }
  }

  private async confirm(): Promise<void> {
    const flushed = this.connection
      .flush()
      .catch((error: unknown) => Promise.reject(this.appError('the broker', error)));
    if ((await within(confirmTimeoutMs, flushed)) === 'too late') throw disconnected();
    await flushed;
  }

  private encodeHeaders(headers: Readonly<Record<string, string>>): MsgHdrs {
    const encoded = this.nats.headers();
    for (const [name, value] of Object.entries(headers)) encoded.set(name, value);
    return encoded;
  }

  private appError(subject: string, error: unknown): AppError {
    if (error instanceof this.nats.RequestError && error.isNoResponders()) return noResponder(subject);
    if (error instanceof this.nats.TimeoutError) return new AppError('TIMEOUT', `${subject} did not answer in time`);
    return new AppError('UNAVAILABLE', `${subject} cannot be reached over the mesh`, { cause: error });
  }

  private async watch(): Promise<void> {
    for await (const status of this.connection.status()) {
      if (status.type === 'disconnect') this.lost();
      else if (status.type === 'reconnect') this.returned();
      else if (status.type === 'error') this.logger.error({ err: status.error }, 'the mesh broker reported an error');
    }
    this.state = 'closed';
    for (const listener of this.lossListeners) listener();
  }

  private lost(): void {
    if (this.state !== 'connected') return;
    this.state = 'disconnected';
    this.logger.warn({}, 'the connection to the mesh is lost; reconnecting');
    for (const listener of this.lossListeners) listener();
  }

  private returned(): void {
    this.state = 'connected';
    this.logger.info({ server: this.connection.getServer() }, 'the connection to the mesh is back');
    for (const listener of this.returnListeners) listener();
    this.returnListeners.clear();
  }
}

function decodeHeaders(headers: MsgHdrs | undefined): Record<string, string> {
  return Object.fromEntries((headers?.keys() ?? []).map((name) => [name, headers?.get(name) ?? '']));
}

function disconnected(): AppError {
  return new AppError('UNAVAILABLE', 'there is no connection to the mesh at the moment');
}
