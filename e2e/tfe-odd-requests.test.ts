// Every route of the TFE API with odd documents, queries and ids: always the same ones, from a seed.
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { adminToken, type System, startSystem } from './src/system.js';
import {
  createOrganization,
  createPerson,
  createTeam,
  joinOrganization,
  tfeClient,
  tfeDocument,
} from './src/tfe-client.js';
import { type JsonSchema, OddValues } from './src/tfe-odd-values.js';

const seed = 20261123;
const perRoute = 20;
const parallel = 6;
const jsonApi = 'application/vnd.api+json';

interface Operation {
  readonly parameters?: readonly { readonly name: string; readonly in: string }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: JsonSchema }>> };
  readonly responses: Readonly<Record<string, unknown>>;
}
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

let system: System;
beforeAll(async () => {
  system = await startSystem({ mesh: 'inproc', githubUrl: 'file:///nowhere' });
});
afterAll(() => system?.stop());

/** Two organizations with something of everything: ids of one are tried in documents about the other. */
async function furnish(): Promise<{ tokens: (string | undefined)[]; ids: Record<string, string[]> }> {
  const admin = tfeClient(system.url, adminToken);
  const tokens: (string | undefined)[] = [...Array.from({ length: 6 }, () => adminToken), undefined];
  const ids: Record<string, string[]> = {};
  const keep = (type: string, id: string) => {
    ids[type] = [...(ids[type] ?? []), id];
  };
  for (const organization of ['odd-one', 'odd-two']) {
    const owner = await createPerson(admin, `${organization}-owner`);
    await createOrganization(owner.tfe, organization);
    const member = await createPerson(admin, `${organization}-member`);
    const membershipId = await joinOrganization(owner.tfe, organization, member);
    const access = { 'read-projects': true, 'read-workspaces': true, 'manage-membership': true };
    const team = await createTeam(owner.tfe, organization, { name: 'team', access, people: [member] });
    const path = `/organizations/${organization}`;
    const ask = async (to: string, body: object) => (await owner.tfe('POST', to, { body })).resource();
    const project = await ask(`${path}/projects`, tfeDocument('projects', { name: 'project' }));
    const attributes = { name: 'ws', 'vcs-repo': { identifier: `${organization}/repo` } };
    const workspace = await ask(`${path}/workspaces`, tfeDocument('workspaces', attributes));
    const grant = await ask(
      '/team-projects',
      tfeDocument(
        'team-projects',
        { access: 'maintain' },
        {
          team: { data: { type: 'teams', id: team.id } },
          project: { data: { type: 'projects', id: project.id } },
        },
      ),
    );
    const ofTeam = await ask(`/teams/${team.id}/authentication-token`, tfeDocument('authentication-tokens'));
    const ofAll = await ask(`${path}/authentication-token`, tfeDocument('authentication-tokens'));
    tokens.push(owner.token, owner.token, owner.token, member.token);
    tokens.push(String(ofTeam.attributes.token), String(ofAll.attributes.token));
    for (const { type, id } of [team, project, workspace, grant, ofTeam, ofAll]) keep(type, id);
    keep('organizations', organization);
    keep('users', owner.id);
    keep('users', member.username);
    keep('organization-memberships', membershipId);
  }
  return { tokens, ids };
}

test('no request is a bug, and every answer is what the OpenAPI document says', async () => {
  const { tokens, ids } = await furnish();
  const openApi = (await (await fetch(`${system.url}/openapi.json`)).json()) as OpenApi;
  const odd = new OddValues(seed, openApi.components.schemas, ids);
  const routes = Object.entries(openApi.paths)
    .filter(([path]) => path.startsWith('/api/v2/'))
    .flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })));
  expect(routes.length).toBeGreaterThan(70);
  // What deletes comes last, or little would be there to be asked for.
  routes.sort((a, b) => Number(a.method === 'delete') - Number(b.method === 'delete'));
  const requests = routes.flatMap((route) => Array.from({ length: perRoute }, () => requestOf(route, odd, tokens)));
  const wrong: string[] = [];
  const work = async () => {
    for (let request = requests.shift(); request !== undefined; request = requests.shift()) {
      const { url, init, declared } = request;
      const response = await fetch(`${system.url}${url}`, init);
      const text = await response.text();
      const problem = problemOf(response, text, declared);
      if (problem !== undefined)
        wrong.push(`${problem}: ${init.method} ${url} ${init.body ?? ''} → ${response.status} ${text}`.slice(0, 1500));
    }
  };
  await Promise.all(Array.from({ length: parallel }, work));
  expect(wrong).toEqual([]);
});

function requestOf(
  { path, method, operation }: { path: string; method: string; operation: Operation },
  odd: OddValues,
  tokens: readonly (string | undefined)[],
) {
  const url = path.replace(/([^/]+)\/\{\w+\}/g, (_all, type: string) => `${type}/${encodeURIComponent(odd.id(type))}`);
  const query = (operation.parameters ?? [])
    .filter((parameter) => parameter.in === 'query' && odd.chance(0.3))
    .map(({ name }): [string, string] => [name, odd.queryValue(name)]);
  const schema = operation.requestBody?.content[jsonApi]?.schema;
  const token = odd.oneOf(tokens);
  const init = {
    method: method.toUpperCase(),
    headers: { 'Content-Type': jsonApi, ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }) },
    ...(schema === undefined ? {} : { body: odd.document(schema) }),
  };
  return { url: `${url}?${new URLSearchParams(query)}`, init, declared: Object.keys(operation.responses) };
}

function problemOf(response: Response, text: string, declared: readonly string[]): string | undefined {
  const { status } = response;
  if (status >= 500) return 'a bug';
  if (!declared.includes(String(status))) return 'not declared';
  if (status === 204) return text === '' ? undefined : 'a body';
  if (response.headers.get('content-type') !== jsonApi) return 'not JSON:API';
  const member = status < 300 ? 'data' : 'errors';
  return member in JSON.parse(text) ? undefined : `no ${member}`;
}
