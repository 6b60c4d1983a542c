// The compose file cannot be run where there is no container engine; what can be known without one is checked here.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { DCLinter } from 'dclint';
import { parse } from 'yaml';

interface ComposeService {
  readonly build?: { readonly dockerfile: string; readonly target: string };
  readonly container_name?: string;
  readonly ports?: readonly { readonly published: string }[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly (string | { readonly source: string })[];
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly restart?: string;
  readonly deploy?: { readonly resources: { readonly limits: { readonly memory: string } } };
}

interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

/** dclint's own types are not found from ES modules. */
interface LintResult {
  readonly messages: readonly { readonly rule: string; readonly message: string }[];
}

const root = process.cwd();
const text = readFileSync(join(root, 'docker-compose.yml'), 'utf8');
// A parse that must name its own shape: the schema test below is what holds the file to it.
const compose: ComposeFile = parse(text, { merge: true });
const dockerfile = readFileSync(join(root, 'deploy', 'Dockerfile'), 'utf8');
const makeSecrets = readFileSync(join(root, 'deploy', 'make-secrets.sh'), 'utf8');
const services = Object.entries(compose.services);
const ours = services.filter(([, service]) => service.build !== undefined);

describe('docker-compose.yml', () => {
  const folder = mkdtempSync(join(tmpdir(), 'terramesh-compose-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const schemaProblems = (content: string): string[] => {
    const file = join(folder, 'docker-compose.yml');
    writeFileSync(file, content);
    const linter = new DCLinter({ rules: {}, quiet: true, debug: false, exclude: [] });
    const results: LintResult[] = linter.lintFiles([file], false);
    const messages = results.flatMap((result) => result.messages);
    return messages.filter(({ rule }) => rule === 'invalid-schema').map(({ message }) => message);
  };

  it('fits the published Compose schema', () => {
    expect(schemaProblems(text)).toEqual([]);
    expect(schemaProblems(text.replace('restart: unless-stopped', 'restarts: unless-stopped'))).not.toEqual([]);
  });

  it('runs every service of the mesh as a container of its own, from its own stage of the Dockerfile', () => {
    const apps = readdirSync(join(root, 'apps')).filter((app) => app !== 'standalone');
    expect(ours.map(([name]) => name).sort()).toEqual(apps.sort());
    for (const [name, service] of ours) {
      expect(service.build).toMatchObject({ dockerfile: 'deploy/Dockerfile', target: name });
      expect(dockerfile).toMatch(new RegExp(`^FROM base AS ${name}$`, 'm'));
    }
  });

  it.each(services)('keeps %s free of container names and of host ports, the gateway’s apart', (name, service) => {
    expect(service.container_name).toBeUndefined();
    expect(service.ports === undefined).toBe(name !== 'gateway');
  });

  it.each(services)('watches %s: a health check, a restart policy, a memory limit', (_name, service) => {
    expect(service.healthcheck?.test.length).toBeGreaterThan(1);
    expect(service.restart).toBe('unless-stopped');
    expect(service.deploy?.resources.limits.memory).toMatch(/^\d+[MG]$/);
  });

  it.each(ours)('starts %s only when what it needs is healthy', (_name, service) => {
    expect(Object.keys(service.depends_on ?? {})).toContain('nats');
    for (const { condition } of Object.values(service.depends_on ?? {})) expect(condition).toBe('service_healthy');
  });

  it.each(services)('gives %s its secrets as files that exist, never as values', (_name, service) => {
    for (const [variable, value] of Object.entries(service.environment ?? {})) {
      if (/(SECRET|PASSWORD|TOKEN|DATABASE_URL|MESH_URL)/.test(variable)) expect(variable).toMatch(/_FILE$/);
      if (!variable.endsWith('_FILE')) continue;
      const secret = value.replace('/run/secrets/', '');
      expect(service.secrets).toContain(secret);
      expect(compose.secrets[secret]?.file).toBe(`./deploy/secrets/${secret}`);
      expect(makeSecrets).toContain(`keep ${secret}\n`);
    }
  });

  it.each(ours)('gives %s only settings that there are', (_name, service) => {
    const settings = readFileSync(join(root, 'docs', 'configuration.md'), 'utf8');
    for (const variable of Object.keys(service.environment ?? {})) {
      expect(settings).toContain(`| \`${variable.replace(/_FILE$/, '')}\` |`);
    }
  });
});
