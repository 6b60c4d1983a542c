// The documentation of settings, generated from their definitions.
import { fileKeyOf, type Setting, type SettingDefinitions } from './settings.js';

export interface SettingRow {
  readonly env: string;
  readonly fileKey: string;
  readonly atlantis: string | undefined;
  /** As text; undefined when there is none. */
  readonly default: string | undefined;
  readonly need: 'required' | 'optional';
  readonly secrecy: 'secret' | 'plain';
  readonly description: string;
}

/** One row for each setting, in the order of the definitions; a setting that several services share appears once. */
export function describeSettings(...definitions: readonly SettingDefinitions[]): SettingRow[] {
  const byName = new Map(definitions.flatMap((some) => Object.values(some)).map((one) => [one.env, one]));
  return [...byName.values()].map(describe);
}

export function settingsMarkdown(rows: readonly SettingRow[]): string {
  const lines = rows.map((row) => {
    const also = row.atlantis === undefined ? '' : ` Also \`${row.atlantis}\`.`;
    const file = row.secrecy === 'secret' ? ` Secret; also \`${row.env}_FILE\`.` : '';
    const value = row.need === 'required' ? 'required' : row.default === undefined ? '' : `\`${row.default}\``;
    return `| \`${row.env}\` | \`${row.fileKey}\` | ${value} | ${cell(`${row.description}${also}${file}`)} |`;
  });
  return [
    '| Variable | Key in the config file | Default | What it is |',
    '| --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

/** The text of `.env.example`: every setting as a comment that shows its default. */
export function envExample(rows: readonly SettingRow[]): string {
  return rows
    .map(({ description, need, env, default: value }) => {
      const required = need === 'required' ? ' (required)' : '';
      return `# ${description.replaceAll('\n', ' ')}${required}\n#${env}=${value ?? ''}\n`;
    })
    .join('\n');
}

function describe(definition: Setting): SettingRow {
  const fallback: unknown = definition.default;
  const required = fallback === undefined && !definition.schema.safeParse(undefined).success;
  return {
    env: definition.env,
    fileKey: fileKeyOf(definition),
    atlantis: definition.atlantis,
    default: fallback === undefined || fallback === null ? undefined : asText(fallback),
    need: required ? 'required' : 'optional',
    secrecy: definition.secret ? 'secret' : 'plain',
    description: definition.description,
  };
}

function asText(value: unknown): string {
  return typeof value === 'object' && !Array.isArray(value) ? JSON.stringify(value) : String(value);
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
