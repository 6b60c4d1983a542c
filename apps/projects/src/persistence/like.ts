/** The pattern of `like` for what holds this text literally. */
export function containing(text: string): string {
  return `%${literal(text)}%`;
}

/** A part of a pattern of `like` that stands for itself. */
export function literal(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
