// The contract and the controllers that the mesh is tested with.
import { Controller } from '@nestjs/common';
import { AppError, event, type HandlerResult, operation, type ParsedInput } from '@terramesh/contracts';
import { z } from 'zod';
import { currentRequestContext, Mesh, Serve, Subscribe } from '../src/index.js';

const Text = z.object({ text: z.string().min(1) });

export const echo = {
  say: operation({
    subject: 'echo.say',
    input: Text.extend({ times: z.int().min(1).default(1) }),
    output: z.object({ text: z.string(), by: z.string(), at: z.coerce.date() }),
    timeoutMs: 5_000,
    idempotent: true,
  }),
  refuse: operation({ subject: 'echo.refuse', input: Text, output: Text }),
  break: operation({ subject: 'echo.break', input: Text, output: Text }),
  lie: operation({ subject: 'echo.lie', input: z.object({}), output: Text, idempotent: true }),
  grow: operation({
    subject: 'echo.grow',
    input: z.object({ bytes: z.int() }),
    output: Text,
    timeoutMs: 5_000,
    idempotent: true,
  }),
  /** Answers when the test opens its gate. */
  hold: operation({ subject: 'echo.hold', input: Text, output: Text, timeoutMs: 20_000 }),
  holdAgain: operation({
    subject: 'echo.hold-again',
    input: Text,
    output: Text,
    timeoutMs: 20_000,
    idempotent: true,
  }),
  context: operation({
    subject: 'echo.context',
    input: z.object({ hops: z.int().min(0) }),
    output: z.object({ requestId: z.string(), traceparent: z.string().nullable(), remainingMs: z.number().nullable() }),
    idempotent: true,
  }),
  nobody: operation({ subject: 'echo.nobody', input: Text, output: Text, timeoutMs: 5_000 }),
  nobodyYet: operation({ subject: 'echo.nobody-yet', input: Text, output: Text, timeoutMs: 400, idempotent: true }),
};

export const echoEvents = {
  bell: event({ subject: 'event.echo.bell', payload: Text, delivery: 'every-instance' }),
  work: event({ subject: 'event.echo.work', payload: Text, delivery: 'one-per-service' }),
};

/** What an instance saw and what it is allowed to do; held by the test. */
export class Instance {
  readonly bells: string[] = [];
  readonly work: string[] = [];
  readonly held: string[] = [];
  calls = 0;
  private open: () => void = () => {};
  readonly gate = new Promise<void>((resolve) => {
    this.open = resolve;
  });

  constructor(readonly name: string) {}

  openGate(): void {
    this.open();
  }
}

@Controller()
export class EchoController {
  constructor(
    private readonly instance: Instance,
    private readonly mesh: Mesh,
  ) {}

  @Serve(echo.say)
  async say({ text, times }: ParsedInput<typeof echo.say>): Promise<HandlerResult<typeof echo.say>> {
    this.instance.calls += 1;
    return { text: text.repeat(times), by: this.instance.name, at: new Date(0) };
  }

  @Serve(echo.refuse)
  async refuse({ text }: ParsedInput<typeof echo.refuse>): Promise<HandlerResult<typeof echo.refuse>> {
    this.instance.calls += 1;
    throw new AppError('CONFLICT', `no ${text}`, { details: { holder: { pull: 7 } } });
  }

  @Serve(echo.break)
  async break(): Promise<HandlerResult<typeof echo.break>> {
    throw new TypeError('the password is hunter22');
  }

  @Serve(echo.lie)
  async lie(): Promise<HandlerResult<typeof echo.lie>> {
    return { text: '' };
  }

  @Serve(echo.grow)
  async grow({ bytes }: ParsedInput<typeof echo.grow>): Promise<HandlerResult<typeof echo.grow>> {
    return { text: 'x'.repeat(bytes) };
  }

  @Serve(echo.hold)
  async hold(input: ParsedInput<typeof echo.hold>): Promise<HandlerResult<typeof echo.hold>> {
    this.instance.held.push(input.text);
    await this.instance.gate;
    return input;
  }

  @Serve(echo.holdAgain)
  async holdAgain(input: ParsedInput<typeof echo.holdAgain>): Promise<HandlerResult<typeof echo.holdAgain>> {
    this.instance.held.push(input.text);
    await this.instance.gate;
    return input;
  }

  @Serve(echo.context)
  async context({ hops }: ParsedInput<typeof echo.context>): Promise<HandlerResult<typeof echo.context>> {
    if (hops > 0) return this.mesh.call(echo.context, { hops: hops - 1 });
    const context = currentRequestContext();
    const deadlineAt = context?.deadlineAt;
    return {
      requestId: context?.requestId ?? '',
      traceparent: context?.traceparent ?? null,
      remainingMs: deadlineAt === undefined ? null : deadlineAt - Date.now(),
    };
  }

  @Subscribe(echoEvents.bell)
  async onBell({ text }: { text: string }): Promise<void> {
    if (text === 'break') throw new Error('broken by a bell');
    this.instance.bells.push(`${text} ${currentRequestContext()?.requestId ?? ''}`);
  }

  @Subscribe(echoEvents.work)
  async onWork({ text }: { text: string }): Promise<void> {
    this.instance.work.push(text);
  }
}
