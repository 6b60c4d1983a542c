/** At most `max` characters, `…` included; never half of a character, and no NUL, which Postgres does not take. */
export function shorten(text: string, max: number): string {
  const whole = text.length <= max;
  const kept = whole ? text : `${text.slice(0, max - 1)}…`;
  // Half a surrogate pair, left by the cut or there before, and NUL become the replacement character.
  return kept.replace(/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]|\0/g, '\uFFFD');
}
