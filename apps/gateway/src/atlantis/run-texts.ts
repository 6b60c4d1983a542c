// The texts of a run's executions, read page by page and handed out execution by execution.
import type { OperationOutput, ResultPart, runs } from '@terramesh/contracts';

export type ExecutionTexts = Readonly<Record<ResultPart, string>>;
export type ResultsPage = OperationOutput<typeof runs.results>;

type Fragments = Record<ResultPart, string[]>;

/**
 * Gives each execution's texts once; what was not written is empty. Reads ahead only as far as needed: when the pieces
 * come in the order in which they are asked for, one execution is in memory at a time.
 */
export class RunTexts {
  private readonly waiting = new Map<string, Fragments>();
  private readonly given = new Set<string>();
  private cursor: string | null = null;
  private hasMore = true;
  /** The execution whose pieces came last; more of them may follow. */
  private open: string | undefined;
  private ahead: Promise<ResultsPage> | undefined;

  constructor(private readonly readPage: (cursor: string | null) => Promise<ResultsPage>) {}

  /** Asks for the first page now, while the caller still waits for something else. */
  readAhead(): this {
    this.ahead = this.readPage(null);
    // Whoever needs the page is told why it did not come.
    this.ahead.catch(() => {});
    return this;
  }

  async of(executionId: string): Promise<ExecutionTexts> {
    while (this.hasMore && !this.isComplete(executionId)) await this.readNext();
    const fragments = this.waiting.get(executionId) ?? emptyFragments();
    this.waiting.delete(executionId);
    this.given.add(executionId);
    return {
      plan_output: fragments.plan_output.join(''),
      apply_output: fragments.apply_output.join(''),
      error: fragments.error.join(''),
      failure: fragments.failure.join(''),
    };
  }

  private isComplete(executionId: string): boolean {
    return this.waiting.has(executionId) && this.open !== executionId;
  }

  private async readNext(): Promise<void> {
    const reading = this.ahead ?? this.readPage(this.cursor);
    this.ahead = undefined;
    const page = await reading;
    for (const { executionId, part, text } of page.pieces) {
      if (this.given.has(executionId)) throw new Error(`the pieces of ${executionId} are not together`);
      const fragments = this.waiting.get(executionId) ?? emptyFragments();
      fragments[part].push(text);
      this.waiting.set(executionId, fragments);
      this.open = executionId;
    }
    this.cursor = page.next;
    this.hasMore = page.next !== null;
  }
}

function emptyFragments(): Fragments {
  return { plan_output: [], apply_output: [], error: [], failure: [] };
}
