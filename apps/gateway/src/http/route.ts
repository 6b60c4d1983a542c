// A route is declared once: Nest registers it, the guard reads who may use it, the OpenAPI document describes it.
import { applyDecorators, Delete, Get, Patch, Post, Put } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import type { ErrorCode } from '@terramesh/contracts';
import type { ZodObject, ZodType } from 'zod';
import { isTfe } from './credentials.js';

/**
 * `read`: everybody, or the token when reads need it. `token-or-basic`: also the password of basic auth. `tfe`: whoever
 * has a token of the TFE API; `tfe-public`: everybody, within the rate limit.
 */
export type Access = 'public' | 'read' | 'read-or-basic' | 'token' | 'token-or-basic' | 'tfe' | 'tfe-public';

export interface RouteResponse {
  readonly description: string;
  readonly schema?: ZodType;
  /** `application/json` unless said otherwise. */
  readonly contentType?: string;
}

export interface RouteDeclaration {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/runs/:id` */
  readonly path: string;
  readonly access: Access;
  /** `any` unless said otherwise; `as-sent` in the TFE API. */
  readonly mediaType?: RouteSettings['mediaType'];
  readonly tag: string;
  readonly summary: string;
  readonly headers?: ZodObject;
  readonly query?: ZodObject;
  readonly params?: ZodObject;
  readonly body?: ZodType;
  readonly responses: Readonly<Record<number, RouteResponse>>;
  /** Codes that this route answers with beside those of its access; their body is `{"error":…}`, or JSON:API under /api/v2. */
  readonly errors?: readonly ErrorCode[];
}

/** What the hooks find in `request.routeOptions.config`. */
export interface RouteSettings {
  readonly access: Access;
  /** `any`: the content type of a request is ignored, and its body is bytes. */
  readonly mediaType: 'any' | 'as-sent';
}

const methodDecorators = { GET: Get, POST: Post, PUT: Put, PATCH: Patch, DELETE: Delete };

export function Route(route: RouteDeclaration): MethodDecorator {
  const settings: RouteSettings = {
    access: route.access,
    mediaType: route.mediaType ?? (isTfe(route.access) ? 'as-sent' : 'any'),
  };
  return applyDecorators(methodDecorators[route.method](route.path), RouteConfig(settings));
}
