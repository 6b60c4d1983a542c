/** Well below what one message carries. */
const maxPageBytes = 700_000;

/** As many of the first items as fit a message, one at least; `next` names the last of them when there are more. */
export function fitPage<T>(
  items: readonly T[],
  page: { limit: number; cursorOf: (item: T) => string },
): { items: T[]; next: string | null } {
  let bytes = 0;
  const fitting = items.slice(0, page.limit).filter((item, at) => {
    bytes += Buffer.byteLength(JSON.stringify(item));
    return at === 0 || bytes <= maxPageBytes;
  });
  const last = fitting.at(-1);
  return { items: fitting, next: last !== undefined && fitting.length < items.length ? page.cursorOf(last) : null };
}
