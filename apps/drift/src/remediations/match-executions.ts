// Which execution of the run belongs to which target of the remediation. Pure.
import type { Target } from '@terramesh/contracts';

export interface Match<T, E> {
  /** Undefined: the run had an execution that nobody had asked for under this name or path. */
  readonly target: T | undefined;
  /** Undefined: the run has none for the target. */
  readonly execution: E | undefined;
}

type Rule = (target: Target, execution: Target) => boolean;

const sameName: Rule = (a, b) => a.name !== '' && a.name === b.name;
const samePath: Rule = (a, b) => a.directory === b.directory && a.terraformWorkspace === b.terraformWorkspace;
/** From sure to likely: a project may have moved, and a path may have got a name. */
const rules: readonly Rule[] = [(a, b) => a.name === b.name && samePath(a, b), sameName, samePath];

/** Targets in their order, then executions that fit none; each occurs once. */
export function matchExecutions<T extends Target, E extends { readonly target: Target }>(
  targets: readonly T[],
  executions: readonly E[],
): Match<T, E>[] {
  const free = new Set(executions);
  const found = new Map<T, E>();
  for (const fits of rules) {
    for (const target of targets) {
      if (found.has(target)) continue;
      const execution = [...free].find((one) => fits(target, one.target));
      if (execution === undefined) continue;
      free.delete(execution);
      found.set(target, execution);
    }
  }
  const asked = targets.map((target) => ({ target, execution: found.get(target) }));
  return [...asked, ...[...free].map((execution) => ({ target: undefined, execution }))];
}
