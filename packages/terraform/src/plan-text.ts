// What Terraform prints for a plan, without what is about the run instead of about the plan.

const refreshingLine = /^\S.*: Refreshing state\.\.\.( \[id=.*\])?\r?$/;

/**
 * Drops everything up to and including the last `…: Refreshing state...` line (Atlantis: StripRefreshingFromPlanOutput).
 * Only lines that begin at the margin count: inside a diff the same words are a value.
 */
export function stripRefreshing(text: string): string {
  const lines = text.split('\n');
  const last = lines.findLastIndex((line) => refreshingLine.test(line));
  return last === -1 ? text : lines.slice(last + 1).join('\n');
}

/**
 * The plan as Terraform prints it: without the refresh preamble, without the closing hint that names our plan file, and
 * without empty lines around it. Nothing in between is changed.
 */
export function planText(output: string): string {
  return withoutSavedHint(stripRefreshing(output))
    .replace(/^(?:[ \t]*\r?\n)+/, '')
    .trimEnd();
}

// The rule is as wide as Terraform takes the terminal to be; the path of the plan file follows on a line of its own.
function withoutSavedHint(text: string): string {
  const hint = text.search(/\n─+\n+Saved the plan to: /);
  return hint === -1 ? text : text.slice(0, hint);
}
