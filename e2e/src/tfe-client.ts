// The TFE API as a test talks to it: one function with a token, and JSON:API documents in and out.

export interface TfeRelationship {
  readonly data?:
    | { readonly id: string; readonly type: string }
    | { readonly id: string; readonly type: string }[]
    | null;
  readonly links?: { readonly related: string };
}

export interface TfeResource {
  readonly id: string;
  readonly type: string;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly relationships: Readonly<Record<string, TfeRelationship>>;
  readonly links?: Readonly<Record<string, string | null>>;
}

export interface TfeError {
  readonly status: string;
  readonly title: string;
  readonly detail?: string;
  readonly source?: { readonly pointer: string };
}

export interface TfeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The one resource; throws when the answer has none. */
  resource(): TfeResource;
  /** The resources of a list; throws when the answer is none. */
  list(): TfeResource[];
  document(): TfeListDocument;
  errors(): TfeError[];
}

export interface TfeListDocument {
  readonly data: TfeResource[];
  readonly included?: TfeResource[];
  readonly links: Readonly<Record<'self' | 'first' | 'prev' | 'next' | 'last', string | null>>;
  readonly meta: {
    readonly 'status-counts': { readonly total: number; readonly matching: number };
    readonly pagination: Readonly<Record<string, number | null>>;
  };
}

export interface TfeAskOptions {
  /** An object is sent as JSON, a string as it is. */
  readonly body?: object | string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface TfeClient {
  /** `path` after `/api/v2`, with its query. */
  (method: 'GET' | 'POST' | 'PATCH' | 'DELETE' | 'PUT', path: string, options?: TfeAskOptions): Promise<TfeAnswer>;
  /** The same for another token; undefined for none. */
  as(token: string | undefined): TfeClient;
}

export function tfeClient(url: string, token: string | undefined): TfeClient {
  const ask = async (method: string, path: string, { body, headers }: TfeAskOptions = {}): Promise<TfeAnswer> => {
    const response = await fetch(`${url}/api/v2${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
        'Content-Type': 'application/vnd.api+json',
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status } = response;
    const member = (name: 'data' | 'errors') => {
      const document = text === '' ? {} : JSON.parse(text);
      if (document[name] === undefined)
        throw new Error(`${method} ${path} answered ${status} without ${name}: ${text}`);
      return document[name];
    };
    return {
      status,
      headers: response.headers,
      text,
      resource: () => member('data'),
      list: () => member('data'),
      document: () => JSON.parse(text),
      errors: () => member('errors'),
    };
  };
  return Object.assign(ask, { as: (other: string | undefined) => tfeClient(url, other) });
}

/** `{"data":{"type":…,"attributes":…,"relationships":…}}` */
export function tfeDocument(type: string, attributes: object = {}, relationships?: object): object {
  return { data: { type, attributes, ...(relationships === undefined ? {} : { relationships }) } };
}

/** A new organization with a name of its own. */
export async function createOrganization(tfe: TfeClient, name: string): Promise<TfeResource> {
  const answer = await tfe('POST', '/organizations', {
    body: tfeDocument('organizations', { name, email: 'ops@example.com' }),
  });
  if (answer.status !== 201) throw new Error(`the organization was not created: ${answer.status} ${answer.text}`);
  return answer.resource();
}

export interface TfePerson {
  readonly id: string;
  readonly username: string;
  readonly token: string;
  /** With the person's token. */
  readonly tfe: TfeClient;
}

/** A new account with a token. `admin` is a client with the administrator's token. */
export async function createPerson(admin: TfeClient, username: string): Promise<TfePerson> {
  const email = `${username}@example.com`;
  const made = await admin('POST', '/admin/users', { body: tfeDocument('users', { username, email }) });
  if (made.status !== 201) throw new Error(`the account was not created: ${made.status} ${made.text}`);
  const { id } = made.resource();
  const answer = await admin('POST', `/users/${id}/authentication-tokens`, {
    body: tfeDocument('authentication-tokens', { description: 'e2e' }),
  });
  const token = String(answer.resource().attributes.token);
  return { id, username, token, tfe: admin.as(token) };
}

/** Makes the person a member of the organization; gives the id of the membership. */
export async function joinOrganization(
  owner: TfeClient,
  organization: string,
  { username }: Pick<TfePerson, 'username'>,
): Promise<string> {
  const body = tfeDocument('organization-memberships', { email: `${username}@example.com` });
  const answer = await owner('POST', `/organizations/${organization}/organization-memberships`, { body });
  if (answer.status !== 201) throw new Error(`nobody joined: ${answer.status} ${answer.text}`);
  return answer.resource().id;
}

/** A new team of these people, who are members of the organization already. */
export async function createTeam(
  owner: TfeClient,
  organization: string,
  team: { readonly name: string; readonly access?: object; readonly people?: readonly Pick<TfePerson, 'username'>[] },
): Promise<TfeResource> {
  const body = tfeDocument('teams', { name: team.name, 'organization-access': team.access ?? {} });
  const made = await owner('POST', `/organizations/${organization}/teams`, { body });
  if (made.status !== 201) throw new Error(`the team was not created: ${made.status} ${made.text}`);
  if (team.people !== undefined && team.people.length > 0) {
    const users = { data: team.people.map(({ username }) => ({ type: 'users', id: username })) };
    const added = await owner('POST', `/teams/${made.resource().id}/relationships/users`, { body: users });
    if (added.status !== 204) throw new Error(`nobody was added: ${added.status} ${added.text}`);
  }
  return made.resource();
}
