// What a request does to the tags of a project or workspace.
import { documentError, maxTagBindings, tooManyTagBindings } from '@terramesh/contracts';

export interface Tag {
  readonly key: string;
  readonly value: string;
}

export interface TagChanges {
  readonly added: readonly Tag[];
  readonly changed: readonly Tag[];
  /** Keys. */
  readonly removed: readonly string[];
}

/** `add` removes nothing; with `replace` the wanted ones are all there are afterwards. Throws when there are too many. */
export function tagChanges(present: readonly Tag[], wanted: readonly Tag[], mode: 'add' | 'replace'): TagChanges {
  const before = new Map(present.map(({ key, value }) => [key, value]));
  const keys = new Set(wanted.map(({ key }) => key));
  const added = wanted.filter(({ key }) => !before.has(key));
  const changed = wanted.filter(({ key, value }) => before.has(key) && before.get(key) !== value);
  const removed = mode === 'add' ? [] : present.map(({ key }) => key).filter((key) => !keys.has(key));
  if (present.length + added.length - removed.length > maxTagBindings) {
    throw documentError([{ title: 'invalid attribute', detail: tooManyTagBindings, pointer: '/data' }]);
  }
  return { added, changed, removed };
}

/** Whether the changes only add: that takes less than changing and removing. */
export function onlyAdds({ changed, removed }: TagChanges): boolean {
  return changed.length === 0 && removed.length === 0;
}
