// Finds settings that nobody reads: most often a slip of the person who wrote them.
import { nearestName } from './near-names.js';
import { configFileVariable, type Environment, fileKeyOf, type SettingDefinitions } from './settings.js';

/** A problem for each `TERRAMESH_…` variable and each file key that is not in `known`. */
export function unknownSettings(found: {
  env: Environment;
  fileKeys: readonly string[];
  known: SettingDefinitions;
}): string[] {
  const names = knownVariables(found.known);
  const keys = new Set(Object.values(found.known).map(fileKeyOf));
  const strangers = Object.keys(found.env).filter((name) => name.startsWith('TERRAMESH_') && !names.has(name));
  const strangeKeys = found.fileKeys.filter((key) => !keys.has(key));
  return [
    ...strangers.map((name) => `${name} is not a setting${meant(name, names)}`),
    ...strangeKeys.map((key) => `${key} (in the config file) is not a setting${meant(key, keys)}`),
  ];
}

/** Set variables that are one slip away from a known one: `[set, known]` pairs. */
export function likelySlips(env: Environment, known: SettingDefinitions): [string, string][] {
  const names = knownVariables(known);
  return Object.keys(env).flatMap((name): [string, string][] => {
    const near = name.startsWith('TERRAMESH_') && !names.has(name) ? meantName(name, names) : undefined;
    return near === undefined ? [] : [[name, near]];
  });
}

function knownVariables(known: SettingDefinitions): Set<string> {
  const definitions = Object.values(known);
  return new Set([
    configFileVariable,
    ...definitions.flatMap(({ env, secret }) => (secret ? [env, `${env}_FILE`] : [env])),
    ...definitions.flatMap(({ atlantis }) => atlantis ?? []),
  ]);
}

/** A few settings have no prefix, like DATABASE_URL: it is easily added by mistake. */
function meantName(name: string, known: ReadonlySet<string>): string | undefined {
  const bare = name.replace(/^TERRAMESH_/, '');
  return known.has(bare) ? bare : nearestName(name, known);
}

function meant(name: string, known: ReadonlySet<string>): string {
  const near = meantName(name, known);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
