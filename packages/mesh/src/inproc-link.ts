// The in-process broker with the semantics of NATS: queue groups, fan-out, no-responder, JSON between the parties.
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
import { noResponder, waitForAnswer } from './waiting.js';

interface Subscriber {
  readonly queue: string | undefined;
  readonly onMessage: (message: MeshMessage) => void;
}

/** The default of nats-server: what fits here fits there. */
const maxPayloadBytes = 1024 * 1024;

export class InprocLink implements MeshLink {
  readonly transport = 'inproc';
  readonly maxPayloadBytes = maxPayloadBytes;
  private readonly subscribers = new Map<string, Set<Subscriber>>();
  private turn = 0;
  private closed = false;

  constructor(
    readonly logger: MeshLogger,
    readonly observer: MeshObserver | undefined,
  ) {}

  async request({ subject, body, headers, timeoutMs, signal }: LinkRequest): Promise<string> {
    await this.ready();
    return waitForAnswer({ subject, timeoutMs, signal }, (resolve, reject) => {
      const respond = async (answer: string): Promise<void> => resolve(answer);
      if (this.deliver(subject, { body, headers, respond }) === 0) reject(noResponder(subject));
    });
  }

  async publish({ subject, body, headers }: LinkEvent): Promise<void> {
    await this.ready();
    this.deliver(subject, { body, headers });
  }

  subscribe(options: {
    subject: string;
    queue: string | undefined;
    onMessage: (message: MeshMessage) => void;
  }): MeshSubscription {
    const subscriber = { queue: options.queue, onMessage: options.onMessage };
    const all = this.subscribers.get(options.subject) ?? new Set();
    this.subscribers.set(options.subject, all.add(subscriber));
    return {
      drain: async () => {
        all.delete(subscriber);
        await this.flush();
      },
    };
  }

  /** Messages are delivered in the order of `setImmediate`, so whatever was sent before has arrived after one more. */
  async flush(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
  }

  async ready(): Promise<void> {
    if (this.closed) throw new AppError('UNAVAILABLE', 'the mesh is closed');
  }

  async close(): Promise<void> {
    this.closed = true;
    this.subscribers.clear();
  }

  /** How many subscribers the message goes to. */
  private deliver(subject: string, message: MeshMessage): number {
    const receivers: Subscriber[] = [];
    const groups = new Map<string, Subscriber[]>();
    for (const subscriber of this.subscribers.get(subject) ?? []) {
      if (subscriber.queue === undefined) receivers.push(subscriber);
      else groups.set(subscriber.queue, [...(groups.get(subscriber.queue) ?? []), subscriber]);
    }
    for (const group of groups.values()) {
      const chosen = group[this.turn++ % group.length];
      if (chosen !== undefined) receivers.push(chosen);
    }
    for (const receiver of receivers) setImmediate(() => receiver.onMessage(message));
    return receivers.length;
  }
}
