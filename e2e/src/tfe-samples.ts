// The sample requests and responses of the API's documentation, read from the text of it that is kept in the fixtures.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

export interface Sample {
  /** Exactly as printed. */
  readonly payload: string | undefined;
  /** Exactly as printed, without the prompt. */
  readonly curl: string | undefined;
  readonly response: string | undefined;
}

const headings = {
  create: 'Create a Project',
  update: 'Update a Project',
  list: 'List projects',
  show: 'Show project',
  delete: 'Delete a project',
} as const;

export async function readProjectSamples(): Promise<Record<keyof typeof headings, Sample>> {
  const text = await readFile(new URL('../fixtures/tfe-projects-api.txt', import.meta.url), 'utf8');
  const lines = text.split('\n');
  const starts = Object.values(headings).map((heading) => lines.indexOf(heading));
  const sampleOf = (heading: string): Sample => {
    const start = lines.indexOf(heading);
    const end = Math.min(...starts.filter((other) => other > start), lines.length);
    const section = lines.slice(start, end);
    return {
      payload: jsonAfter(section, 'Sample Payload'),
      curl: commandAfter(section, 'Sample Request'),
      response: jsonAfter(section, 'Sample Response'),
    };
  };
  return {
    create: sampleOf(headings.create),
    update: sampleOf(headings.update),
    list: sampleOf(headings.list),
    show: sampleOf(headings.show),
    delete: sampleOf(headings.delete),
  };
}

function jsonAfter(section: string[], heading: string): string | undefined {
  const at = section.indexOf(heading);
  if (at < 0) return undefined;
  const from = section.indexOf('{', at);
  return section.slice(from, section.indexOf('}', from) + 1).join('\n');
}

function commandAfter(section: string[], heading: string): string | undefined {
  const at = section.indexOf(heading);
  if (at < 0) return undefined;
  const from = at + 1;
  const last = section.findIndex((line, index) => index >= from && !line.trimEnd().endsWith('\\'));
  return section
    .slice(from, last + 1)
    .join('\n')
    .replace(/^\$ /, '');
}

export interface CurlAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

/** Runs a printed curl command in a shell, with `$TOKEN` set and the payload in its file. */
export async function runCurl(
  command: string,
  { token, payload }: { readonly token: string; readonly payload?: string | undefined },
): Promise<CurlAnswer> {
  const folder = await mkdtemp(join(tmpdir(), 'terramesh-curl-'));
  try {
    // So that the command itself stays as it was printed.
    await writeFile(join(folder, '.curlrc'), 'silent\nshow-error\nwrite-out = "\\n%{http_code} %{content_type}"\n');
    if (payload !== undefined) await writeFile(join(folder, 'payload.json'), payload);
    const env = { PATH: process.env.PATH, HOME: folder, CURL_HOME: folder, TOKEN: token };
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { cwd: folder, env });
    const end = stdout.lastIndexOf('\n');
    const [status = '', contentType = ''] = stdout.slice(end + 1).split(' ');
    return { status: Number(status), contentType, text: stdout.slice(0, end).trimEnd() };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
