// The repository allowlist, in Atlantis' syntax (Atlantis: repo_allowlist_checker.go) with wildcards matched as a whole.

/** Comma-separated rules over `<hostname>/<repository>`: `*` is any run of characters, `!` excludes. */
export interface Allowlist {
  readonly includes: readonly string[];
  readonly excludes: readonly string[];
}

/** What `allowlistProblem` says of a list that cannot be used. */
export function allowlistProblem(text: string): string | undefined {
  if (text.includes('://')) return 'must name repositories as host/owner/repository, without ://';
  const { includes, excludes } = parseAllowlist(text);
  if (includes.length + excludes.length === 0) return 'must not be empty; for example github.com/acme/*';
  if (excludes.includes('')) return 'has a ! without a rule behind it';
  return undefined;
}

/** Empty rules, as a trailing comma leaves one, are dropped. */
export function parseAllowlist(text: string): Allowlist {
  const rules = text
    .split(',')
    .map((rule) => rule.trim().toLowerCase())
    .filter((rule) => rule !== '');
  return {
    includes: rules.filter((rule) => !rule.startsWith('!')),
    excludes: rules.filter((rule) => rule.startsWith('!')).map((rule) => rule.slice(1).trim()),
  };
}

/** True when a rule includes the repository and none excludes it; letters match in either case. */
export function isAllowed(allowlist: Allowlist, repository: { hostname: string; repository: string }): boolean {
  const name = `${repository.hostname}/${repository.repository}`.toLowerCase();
  const matches = (rule: string) => matchesWildcard(rule, name);
  return allowlist.includes.some(matches) && !allowlist.excludes.some(matches);
}

/** Takes each piece between the stars at its first place, so the time does not explode as with a regular expression. */
function matchesWildcard(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first)) return false;
  let from = first.length;
  for (const piece of rest) {
    const at = text.indexOf(piece, from);
    if (at < 0) return false;
    from = at + piece.length;
  }
  return text.length - from >= last.length && text.endsWith(last);
}
