import type { Logger } from '@terramesh/service';

/** What runs so far, to be stopped in the opposite order. */
export class StartedParts {
  private readonly parts: { readonly name: string; stop(): Promise<void> }[] = [];

  constructor(private readonly logger: Logger) {}

  add(name: string, stop: () => Promise<void>): void {
    this.parts.push({ name, stop });
  }

  /** A part that fails to stop is logged and does not keep the others from stopping. */
  async stop(): Promise<void> {
    for (let part = this.parts.pop(); part !== undefined; part = this.parts.pop()) {
      const { name } = part;
      await part.stop().catch((error: unknown) => this.logger.error({ err: error, part: name }, 'the stop failed'));
    }
  }
}
