/** What a list shows of a text: its first 300 characters. */
export function shortProblem(text: string): string {
  return text.length <= 300 ? text : `${text.slice(0, 299)}…`;
}
