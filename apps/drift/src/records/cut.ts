/** At most `length` characters, the last one `…` when something was cut; never half of a character, and no NUL. */
export function cut(text: string, length: number): string {
  const storable = text.replaceAll('\0', '\u{fffd}');
  if (storable.length <= length) return storable;
  return `${storable.slice(0, length - 1).replace(/[\ud800-\udbff]$/, '')}…`;
}
