/** A time as Atlantis writes it, UTC and to the second: `2025-01-21T10:30:00Z`. */
export function toSeconds(timestamp: string): string {
  return new Date(timestamp).toISOString().replace(/\.\d+Z$/, 'Z');
}
