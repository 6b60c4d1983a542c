/** The name under which a ref is recorded: a branch without `refs/heads/`, anything else as it was asked for. */
export function shortRef(ref: string): string {
  return ref.replace(/^refs\/heads\//, '');
}
