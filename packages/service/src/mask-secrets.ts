// Removes known secrets from any text, whatever form they took on their way into it.

const mask = '***';
/** Shorter ones would blot out innocent words. */
const minSecretLength = 4;

/**
 * A function that replaces every one of `values` (also as they appear in JSON and in URLs) and every password of a
 * `scheme://user:password@host`. Values shorter than 4 characters are left alone.
 */
export function maskSecrets(values: Iterable<string>): (text: string) => string {
  const forms = new Set([...values].filter((value) => value.length >= minSecretLength).flatMap(formsOf));
  // The longest first: one secret may begin with another.
  const alternatives = [...forms].sort((a, b) => b.length - a.length).map(escapeRegExp);
  const known = alternatives.length === 0 ? undefined : new RegExp(alternatives.join('|'), 'g');
  return (text) => {
    const masked = known === undefined ? text : text.replace(known, mask);
    return masked.includes('://') ? masked.replace(urlPassword, `$1${mask}@`) : masked;
  };
}

const urlPassword = /(\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@"'\\]{0,200}:)[^\s/@"'\\]{1,500}@/gi;

function formsOf(value: string): string[] {
  return [value, JSON.stringify(value).slice(1, -1), encodeURIComponent(value)];
}

function escapeRegExp(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
