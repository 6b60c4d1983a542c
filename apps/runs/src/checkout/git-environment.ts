// The environment of every git process: an allow-list, so that no setting or secret of ours, of the user who started us
// or of the machine reaches git.
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Sent as an HTTP Authorization header. */
export interface GitCredentials {
  readonly username: string;
  readonly password: string;
}

const passedOn = [
  'PATH',
  'TMPDIR',
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
  'SSL_CERT_FILE',
  'SSL_CERT_DIR',
  'GIT_SSL_CAINFO',
];

// No gc: it could remove what a checkout still needs, and would run at a moment that nobody chose.
const config = `[safe]
	directory = *
[protocol]
	allow = never
[protocol "http"]
	allow = always
[protocol "https"]
	allow = always
[protocol "file"]
	allow = always
[core]
	hooksPath = /dev/null
	askPass =
	autocrlf = false
	fsmonitor = false
	logAllRefUpdates = false
[credential]
	helper =
[http]
	lowSpeedLimit = 1000
	lowSpeedTime = 60
[gc]
	auto = 0
[maintenance]
	auto = false
[fetch]
	recurseSubmodules = false
[submodule]
	recurse = false
[advice]
	detachedHead = false
[init]
	defaultBranch = main
`;

/**
 * Writes git's configuration and home below `directory` and returns the variables that are the same for every process.
 * `environment` is where the variables that are passed on (PATH, proxies, certificates) come from.
 */
export async function prepareGitEnvironment(
  directory: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Record<string, string>> {
  const home = join(directory, 'home');
  await mkdir(home, { recursive: true, mode: 0o700 });
  const configFile = join(directory, 'gitconfig');
  await writeFile(configFile, config, { mode: 0o600 });
  const inherited = passedOn.flatMap((name) => {
    const value = environment[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(inherited),
    HOME: home,
    LC_ALL: 'C',
    GIT_CONFIG_GLOBAL: configFile,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: 'http:https:file',
    GIT_CEILING_DIRECTORIES: directory,
    GIT_LFS_SKIP_SMUDGE: '1',
  };
}

/** Not on the command line and not in the URL: other users of the machine can read those. */
export function credentialVariables(credentials: GitCredentials | null): Record<string, string> {
  if (credentials === null) return {};
  return {
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'http.extraHeader',
    GIT_CONFIG_VALUE_0: `Authorization: ${basicAuthorization(credentials)}`,
  };
}

export function basicAuthorization({ username, password }: GitCredentials): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

/** The text without credentials, neither these nor any that stand in a URL. */
export function withoutCredentials(text: string, credentials: GitCredentials | null): string {
  const secrets = credentials === null ? [] : [basicAuthorization(credentials).slice(6), credentials.password];
  return secrets
    .filter((secret) => secret !== '')
    .reduce((cleaned, secret) => cleaned.replaceAll(secret, '<redacted>'), text)
    .replaceAll(/(\w:\/\/)[^\s/@]+@/g, '$1<redacted>@');
}
