// The texts of a run's executions, read page by page; no more than one execution is in memory when they are asked for in
// order.
import type { OperationOutput, runs } from '@terramesh/contracts';
import type { ExecutionTexts } from './target-outcome.js';

type Page = OperationOutput<typeof runs.results>;
type Texts = { -readonly [Part in keyof ExecutionTexts]: string };

export class RunTexts {
  private readonly waiting = new Map<string, Texts>();
  private cursor: string | null = null;
  private hasMore = true;
  /** The execution whose pieces came last; more of them may follow. */
  private open: string | undefined;

  /** Of each text little more than `maxChars` is kept. */
  constructor(
    private readonly readPage: (cursor: string | null) => Promise<Page>,
    private readonly maxChars: number,
  ) {}

  /** Once for each execution; what was not written is empty. */
  async of(executionId: string): Promise<ExecutionTexts> {
    while (this.hasMore && (this.open === executionId || !this.waiting.has(executionId))) await this.readNext();
    const texts = this.waiting.get(executionId) ?? noTexts();
    this.waiting.delete(executionId);
    return texts;
  }

  private async readNext(): Promise<void> {
    const page = await this.readPage(this.cursor);
    for (const { executionId, part, text } of page.pieces) {
      const texts = this.waiting.get(executionId) ?? noTexts();
      if (texts[part].length <= this.maxChars) texts[part] += text;
      this.waiting.set(executionId, texts);
      this.open = executionId;
    }
    this.cursor = page.next;
    this.hasMore = page.next !== null;
  }
}

function noTexts(): Texts {
  return { plan_output: '', apply_output: '', error: '', failure: '' };
}
