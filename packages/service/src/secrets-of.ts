import type { SettingDefinitions, SettingsOf } from './settings.js';

/** The values to mask: every secret setting, and the passwords inside secret URLs. */
export function secretsOf<D extends SettingDefinitions>(definitions: D, settings: SettingsOf<D>): string[] {
  return Object.entries(definitions).flatMap(([name, definition]) => {
    const value: unknown = definition.secret ? settings[name] : undefined;
    return typeof value === 'string' ? [value, ...passwordOf(value)] : [];
  });
}

function passwordOf(text: string): string[] {
  const password = URL.canParse(text) ? new URL(text).password : '';
  return password === '' ? [] : [password, decoded(password)];
}

/** A `%` that is not an escape is kept as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
