// The server side: Nest's controllers on a mesh link. Nest's own NATS server loses in-flight answers on close.
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import type { EventContract, Operation } from '@terramesh/contracts';
import { answer, receive } from './handle.js';
import type { MeshLink, MeshMessage, MeshSubscription } from './link.js';
import { contractOf } from './serve.js';
import { within } from './waiting.js';

export interface MeshStrategyOptions {
  /** How long `close` waits for handlers that are still at work. Default 30 s. */
  readonly drainTimeoutMs?: number;
}

/** For `createMicroservice` and `connectMicroservice`. All instances of a service share its requests. */
export function meshStrategy(link: MeshLink, serviceName: string, options: MeshStrategyOptions = {}): MeshStrategy {
  return new MeshStrategy(link, serviceName, options.drainTimeoutMs ?? 30_000);
}

export class MeshStrategy extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('terramesh');
  private subscriptions: MeshSubscription[] = [];
  private readonly inFlight = new Map<Promise<void>, string>();

  constructor(
    private readonly link: MeshLink,
    private readonly serviceName: string,
    private readonly drainTimeoutMs: number,
  ) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.subscribeAll().then(
      () => callback(),
      (error: unknown) => callback(error),
    );
  }

  /** Takes no new work, waits for the work it has, then makes sure that the answers have left. */
  async close(): Promise<void> {
    const deadlineAt = Date.now() + this.drainTimeoutMs;
    const remainingMs = (): number => Math.max(0, deadlineAt - Date.now());
    const subscriptions = this.subscriptions.splice(0);
    await within(remainingMs(), Promise.all(subscriptions.map((subscription) => subscription.drain())));
    // A handler may publish to another handler of this service: look again until none is left.
    while (this.inFlight.size > 0 && remainingMs() > 0) {
      await within(remainingMs(), Promise.all(this.inFlight.keys()));
    }
    if (this.inFlight.size > 0) {
      const subjects = [...new Set(this.inFlight.values())];
      this.link.logger.warn({ service: this.serviceName, subjects }, 'stopped before all handlers had answered');
    }
    await within(Math.max(1_000, remainingMs()), this.link.flush());
  }

  on(): void {}

  unwrap<T>(): T {
    throw new Error('a mesh strategy has nothing to unwrap');
  }

  private async subscribeAll(): Promise<void> {
    for (const [subject, handler] of this.messageHandlers) {
      const contract = contractOf(handler.extras);
      if (contract === undefined) throw new Error(`the handler of ${subject} has neither @Serve nor @Subscribe`);
      this.subscriptions.push(this.subscribe(contract, handler));
    }
    await this.link.flush();
  }

  private subscribe(contract: Operation | EventContract, handler: MessageHandler): MeshSubscription {
    const shared = contract.kind === 'operation' || contract.delivery === 'one-per-service';
    return this.link.subscribe({
      subject: contract.subject,
      queue: shared ? this.serviceName : undefined,
      onMessage: (message) => this.track(contract.subject, this.handle(contract, handler, message)),
    });
  }

  private handle(contract: Operation | EventContract, handler: MessageHandler, message: MeshMessage): Promise<void> {
    return contract.kind === 'operation'
      ? answer({ link: this.link, operation: contract, handler, message })
      : receive({ link: this.link, event: contract, handler, message });
  }

  private track(subject: string, work: Promise<void>): void {
    const tracked = work.finally(() => this.inFlight.delete(tracked));
    this.inFlight.set(tracked, subject);
  }
}
