/** Values of one statement, and the placeholders that stand for them. */
export class StatementValues {
  readonly list: unknown[] = [];

  /** `$1` for the first. */
  add(value: unknown): string {
    return `$${this.list.push(value)}`;
  }
}
