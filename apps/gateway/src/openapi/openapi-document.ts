// The OpenAPI document: the declared routes and the schemas that validate them, and nothing written twice.
import { AtlantisError, type ErrorCode, errorMeanings } from '@terramesh/contracts';
import { type ZodObject, type ZodType, z } from 'zod';
import { isTfe } from '../http/credentials.js';
import { type Access, type RouteDeclaration, type RouteResponse } from '../http/route.js';
import { TfeErrors, tfeErrors } from '../tfe/error-document.js';
import { jsonApiMediaType } from '../tfe/send-document.js';

type Json = Record<string, unknown>;

export interface DocumentFacts {
  readonly version: string;
  readonly publicUrl: string;
}

/** OpenAPI 3.1. Schemas with an id become components. */
export function openApiDocument(routes: readonly RouteDeclaration[], facts: DocumentFacts): Json {
  const components: Json = {};
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, components) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'terramesh', version: facts.version, license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } },
    servers: [{ url: facts.publicUrl }],
    paths,
    components: { schemas: components, securitySchemes },
  };
}

const securitySchemes = {
  token: { type: 'apiKey', in: 'header', name: 'X-Atlantis-Token' },
  bearer: { type: 'http', scheme: 'bearer' },
  basic: { type: 'http', scheme: 'basic', description: 'The password is the token; the user is ignored.' },
};

const securityOf: Record<Access, Json[]> = {
  public: [],
  read: [{}, { token: [] }, { bearer: [] }],
  'read-or-basic': [{}, { token: [] }, { bearer: [] }, { basic: [] }],
  token: [{ token: [] }, { bearer: [] }],
  'token-or-basic': [{ token: [] }, { bearer: [] }, { basic: [] }],
  tfe: [{ bearer: [] }],
  'tfe-public': [{}, { bearer: [] }],
};

function operationOf(route: RouteDeclaration, components: Json): Json {
  return {
    operationId: operationId(route),
    tags: [route.tag],
    summary: route.summary,
    security: securityOf[route.access],
    parameters: [
      ...parametersOf('path', route.params, components),
      ...parametersOf('query', route.query, components),
      ...parametersOf('header', route.headers, components),
    ],
    ...(route.body ? { requestBody: bodyOf(route, route.body, components) } : {}),
    responses: responsesOf(route, components),
  };
}

/** `getApiRunsIdLogs` */
function operationId({ method, path }: RouteDeclaration): string {
  const words = path.split(/\W+/).filter((word) => word !== '');
  return method.toLowerCase() + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

/** `Accept` has its own place in OpenAPI: the content types of the responses. */
function parametersOf(place: 'path' | 'query' | 'header', schema: ZodObject | undefined, components: Json): Json[] {
  const members = Object.entries(schema?.shape ?? {}).filter(([name]) => name !== 'Accept');
  return members.map(([name, member]) => {
    const { description, ...json } = schemaOf(member as ZodType, 'output', components);
    const isRequired = place === 'path' || !(member as ZodType).safeParse(undefined).success;
    return { name, in: place, required: isRequired, schema: json, ...(description ? { description } : {}) };
  });
}

function bodyOf({ access }: RouteDeclaration, schema: ZodType, components: Json): Json {
  const type = isTfe(access) ? jsonApiMediaType : 'application/json';
  return { required: true, content: { [type]: { schema: schemaOf(schema, 'input', components) } } };
}

function responsesOf(route: RouteDeclaration, components: Json): Json {
  const declared = Object.entries(route.responses).map(([status, response]) => [
    status,
    responseOf(response, components),
  ]);
  const taken = new Set(Object.keys(route.responses));
  const errors = [...statusesOf(route)].filter(([status]) => !taken.has(status));
  return Object.fromEntries([
    ...declared,
    ...errors.map(([status, codes]) => [status, responseOf(errorResponse(route, codes), components)]),
  ]);
}

function errorResponse({ access }: RouteDeclaration, codes: readonly ErrorCode[]): RouteResponse {
  const description = codes.join(', ');
  if (isTfe(access)) return { description, schema: TfeErrors, contentType: jsonApiMediaType };
  return { description: `${description}: {"error":"…"}`, schema: AtlantisError };
}

function statusesOf(route: RouteDeclaration): Map<string, ErrorCode[]> {
  const guarded = guardErrors(route);
  const codes = new Set<ErrorCode>([...guarded, ...(route.errors ?? [])]);
  const statuses = new Map<string, ErrorCode[]>();
  for (const code of codes) {
    const status = String(errorMeanings[code].httpStatus);
    statuses.set(status, [...(statuses.get(status) ?? []), code]);
  }
  return statuses;
}

function responseOf({ description, schema, contentType }: RouteResponse, components: Json): Json {
  if (!schema && !contentType) return { description };
  const content = schema ? schemaOf(schema, 'output', components) : { type: 'string' };
  return { description, content: { [(contentType ?? 'application/json').split(';')[0] ?? '']: { schema: content } } };
}

/** The JSON Schema of a zod schema; the ones with an id are put into `components` and referred to. */
function schemaOf(schema: ZodType, io: 'input' | 'output', components: Json): Json {
  const { $schema: _dialect, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
  for (const [id, definition] of Object.entries($defs as Json)) components[id] = withoutIds(definition);
  const { id } = schema.meta() ?? {};
  if (id === undefined) return withoutIds(own) as Json;
  components[id] = withoutIds(own);
  return { $ref: `#/components/schemas/${id}` };
}

/** Drops zod's `id` members and points references at the components. */
function withoutIds(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(withoutIds);
  if (typeof json !== 'object' || json === null) return json;
  const entries = Object.entries(json).filter(([key, value]) => !(key === 'id' && typeof value === 'string'));
  return Object.fromEntries(
    entries.map(([key, value]) => [
      key,
      key === '$ref' && typeof value === 'string'
        ? value.replace('#/$defs/', '#/components/schemas/')
        : withoutIds(value),
    ]),
  );
}

function guardErrors({ access, body }: RouteDeclaration): ErrorCode[] {
  if (access === 'public') return [];
  if (access === 'tfe-public') return ['RATE_LIMITED', 'UNAVAILABLE', 'TIMEOUT'];
  return access === 'tfe' ? tfeErrors(body === undefined ? 'any' : 'body') : ['INVALID', 'UNAUTHORIZED'];
}
