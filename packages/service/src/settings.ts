// How a service declares its configuration: one documented entry for each setting.
import type { ZodType, z } from 'zod';

export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable that names the config file. */
export const configFileVariable = 'TERRAMESH_CONFIG';

export interface Setting<S extends ZodType = ZodType> {
  /** `TERRAMESH_DATA_DIR`. The key in the config file is the rest in kebab-case: `data-dir`. */
  readonly env: string;
  /** Another variable for the same thing, read too: Atlantis' own, or the name with the prefix. */
  readonly atlantis?: string;
  /** Gets text, whether it comes from the environment or from the config file (lists joined by commas, objects as JSON). */
  readonly schema: S;
  /** What an unset setting is, in the form the schema accepts. Without one, a schema that refuses undefined makes it required. */
  readonly default?: z.input<S>;
  readonly description: string;
  /** Never shown, masked in logs, and also read from the file that `<env>_FILE` names. */
  readonly secret?: true;
}

export type SettingDefinitions = Readonly<Record<string, Setting>>;

export type SettingsOf<D extends SettingDefinitions> = { readonly [K in keyof D]: z.output<D[K]['schema']> };

export function setting<S extends ZodType>(declaration: Setting<S>): Setting<S> {
  return declaration;
}

export function defineSettings<const D extends SettingDefinitions>(definitions: D): D {
  return definitions;
}

/** `TERRAMESH_DATA_DIR` → `data-dir`. */
export function fileKeyOf(definition: Setting): string {
  return definition.env
    .replace(/^TERRAMESH_/, '')
    .toLowerCase()
    .replaceAll('_', '-');
}
