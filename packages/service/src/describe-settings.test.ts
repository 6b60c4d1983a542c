import { expect, test } from '@jest/globals';
import { z } from 'zod';
import { describeSettings, envExample, settingsMarkdown } from './describe-settings.js';
import { commaList, portNumber } from './setting-schemas.js';
import { defineSettings, setting } from './settings.js';

const first = defineSettings({
  port: setting({
    env: 'TERRAMESH_PORT',
    atlantis: 'ATLANTIS_PORT',
    schema: portNumber,
    default: 4141,
    description: 'Port of the API.',
  }),
  url: setting({ env: 'DATABASE_URL', schema: z.string(), description: 'Postgres | its url.', secret: true }),
});
const second = defineSettings({
  database: first.url,
  list: setting({ env: 'TERRAMESH_LIST', schema: commaList.optional(), description: 'Some things.' }),
});

const rows = describeSettings(first, second);

test('each setting is one row, also when two services share it', () => {
  expect(rows).toEqual([
    {
      env: 'TERRAMESH_PORT',
      fileKey: 'port',
      atlantis: 'ATLANTIS_PORT',
      default: '4141',
      need: 'optional',
      secrecy: 'plain',
      description: 'Port of the API.',
    },
    expect.objectContaining({ env: 'DATABASE_URL', fileKey: 'database-url', need: 'required', secrecy: 'secret' }),
    expect.objectContaining({ env: 'TERRAMESH_LIST', default: undefined, need: 'optional' }),
  ]);
});

test('the table and the example are made of the rows', () => {
  expect(settingsMarkdown(rows).split('\n').slice(2)).toEqual([
    '| `TERRAMESH_PORT` | `port` | `4141` | Port of the API. Also `ATLANTIS_PORT`. |',
    '| `DATABASE_URL` | `database-url` | required | Postgres \\| its url. Secret; also `DATABASE_URL_FILE`. |',
    '| `TERRAMESH_LIST` | `list` |  | Some things. |',
    '',
  ]);
  expect(envExample(rows)).toBe(
    [
      '# Port of the API.\n#TERRAMESH_PORT=4141\n',
      '# Postgres | its url. (required)\n#DATABASE_URL=\n',
      '# Some things.\n#TERRAMESH_LIST=\n',
    ].join('\n'),
  );
});
