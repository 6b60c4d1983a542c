// Environment and config file → typed settings, or every problem at once.
import { readConfigFile } from './config-file.js';
import { maskSecrets } from './mask-secrets.js';
import { nearestName } from './near-names.js';
import { readText } from './read-text.js';
import {
  configFileVariable,
  type Environment,
  fileKeyOf,
  type Setting,
  type SettingDefinitions,
  type SettingsOf,
} from './settings.js';
import { unknownSettings } from './unknown-settings.js';

export interface SettingsSource {
  readonly env: Environment;
  /** Path of the config file; default `TERRAMESH_CONFIG`. */
  readonly file?: string | undefined;
  /** Every setting there is; when given, `TERRAMESH_…` variables and file keys outside of it are problems. */
  readonly known?: SettingDefinitions;
}

/** Every problem at once; no problem holds the value of a secret. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';

  constructor(readonly problems: readonly string[]) {
    const title =
      problems.length === 1 ? 'The configuration has a problem' : `The configuration has ${problems.length} problems`;
    super(`${title}:\n${problems.map((problem) => `  - ${problem}`).join('\n')}`);
  }
}

/** Environment before config file before default; an empty variable counts as unset. Throws SettingsError. */
export function loadSettings<D extends SettingDefinitions>(definitions: D, source: SettingsSource): SettingsOf<D> {
  const problems: string[] = [];
  const path = source.file ?? source.env[configFileVariable];
  const file =
    path === undefined || path === '' ? new Map<string, string>() : attempt(() => readConfigFile(path), problems);
  const settings: Record<string, unknown> = {};
  for (const [name, definition] of Object.entries(definitions)) {
    settings[name] = attempt(() => read(definition, source.env, file ?? new Map()), problems);
  }
  if (source.known !== undefined) {
    const known = { ...source.known, ...definitions };
    problems.push(...unknownSettings({ env: source.env, fileKeys: [...(file?.keys() ?? [])], known }));
  }
  if (problems.length > 0) throw new SettingsError(problems);
  return Object.freeze(settings) as SettingsOf<D>;
}

interface Given {
  readonly name: string;
  readonly text: string;
}

function read(definition: Setting, env: Environment, file: ReadonlyMap<string, string>): unknown {
  const given = fromEnvironment(definition, env) ?? fromFile(definition, file);
  const parsed = definition.schema.safeParse(given === undefined ? definition.default : given.text);
  if (parsed.success) return parsed.data;
  if (given === undefined && definition.default === undefined) throw new Error(missing(definition, env));
  const name = given?.name ?? definition.env;
  const reasons = parsed.error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ');
  if (definition.secret) throw new Error(maskSecrets([given?.text ?? ''])(`${name}: ${reasons}`));
  throw new Error(
    `${name}: ${reasons}${given === undefined ? '' : ` (it is ${JSON.stringify(given.text.slice(0, 200))})`}`,
  );
}

/** Several variables may name the same setting, as long as they agree. */
function fromEnvironment(definition: Setting, env: Environment): Given | undefined {
  const all: Given[] = [];
  for (const name of [definition.env, definition.atlantis]) {
    const text = name === undefined ? undefined : env[name];
    if (name !== undefined && text !== undefined && text !== '') all.push({ name, text });
  }
  const fileName = `${definition.env}_FILE`;
  const path = definition.secret ? env[fileName] : undefined;
  if (path !== undefined && path !== '') all.push({ name: fileName, text: secretFile(fileName, path) });
  const [first, ...others] = all;
  const different = others.find(({ text }) => text !== first?.text);
  if (first !== undefined && different !== undefined) {
    throw new Error(`${first.name} and ${different.name} are both set, to different values: set one of them`);
  }
  return first;
}

function secretFile(name: string, path: string): string {
  let text: string;
  try {
    text = readText(path).replace(/\r?\n$/, '');
  } catch (error) {
    throw new Error(`${name}: ${messageOf(error)}`, { cause: error });
  }
  if (text === '') throw new Error(`${name}: ${path} is empty`);
  return text;
}

function fromFile(definition: Setting, file: ReadonlyMap<string, string>): Given | undefined {
  const key = fileKeyOf(definition);
  const text = file.get(key);
  return text === undefined ? undefined : { name: `${key} (in the config file)`, text };
}

function missing(definition: Setting, env: Environment): string {
  const near = nearestName(
    definition.env,
    Object.keys(env).filter((name) => name !== definition.env),
  );
  const hint = near === undefined ? '' : ` (${near} is set: is it a slip?)`;
  return `${definition.env} is required${hint}: ${definition.description}`;
}

function attempt<T>(work: () => T, problems: string[]): T | undefined {
  try {
    return work();
  } catch (error) {
    problems.push(messageOf(error));
    return undefined;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
