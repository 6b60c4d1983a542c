// Body of POST /api/plan and /api/apply ⇄ StartRun. Read as Go's encoding/json reads it into Atlantis' APIRequest.
import { AppError, AtlantisRunRequest, type OperationInput, type runs } from '@terramesh/contracts';
import { z } from 'zod';
import { canonicalType, foldKeys, parseJson, sentence } from '../http/json-body.js';

export type RequestedRun = Omit<OperationInput<typeof runs.start>, 'kind' | 'idempotencyKey'>;

const requestKeys = ['Repository', 'Ref', 'Type', 'Projects', 'Paths', 'PR'] as const;
const requiredKeys = ['Repository', 'Ref', 'Type'] as const;
const pathKeys = ['Directory', 'Workspace'] as const;
const shownBodyLength = 500;

/** The JSON types of the keys, before anything is said about their values. */
const RequestTypes = z.object({
  Repository: z.string().optional(),
  Ref: z.string().optional(),
  Type: z.string().optional(),
  Projects: z.array(z.string()).optional(),
  Paths: z.array(z.object({ Directory: z.string().optional(), Workspace: z.string().optional() })).optional(),
  PR: z.number().optional(),
});

/**
 * Throws INVALID, with every problem of the first check that fails: JSON syntax and types, then required fields, then
 * values. Keys match in any case, the last of several wins, unknown ones are ignored, null counts as absent.
 */
export function decodeRunRequest(body: Buffer | undefined): RequestedRun {
  const text = body?.toString('utf8') ?? '';
  const typed = parseTypes(text);
  const missing = requiredKeys.filter((key) => !typed[key]);
  if (missing.length > 0) {
    const shown = JSON.stringify(text.slice(0, shownBodyLength));
    throw new AppError('INVALID', `request ${shown} is missing fields: ${missing.join(', ')}`);
  }
  const request = AtlantisRunRequest.safeParse({ ...typed, Type: canonicalType(typed.Type) });
  if (!request.success) throw new AppError('INVALID', sentence(request.error));
  return toRequestedRun(request.data);
}

function parseTypes(text: string): z.infer<typeof RequestTypes> {
  const json = parseJson(text);
  const folded = foldKeys(json === null ? {} : json, requestKeys);
  if (Array.isArray(folded.Projects)) folded.Projects = folded.Projects.map((name) => name ?? '');
  if (Array.isArray(folded.Paths)) folded.Paths = folded.Paths.map((path) => foldKeys(path ?? {}, pathKeys));
  const typed = RequestTypes.safeParse(folded);
  if (!typed.success) throw new AppError('INVALID', `failed to parse request: ${sentence(typed.error)}`);
  return typed.data;
}

function toRequestedRun(request: AtlantisRunRequest): RequestedRun {
  return {
    type: request.Type,
    repository: request.Repository,
    ref: request.Ref,
    pull: request.PR ? request.PR : null,
    projects: request.Projects ?? [],
    paths: (request.Paths ?? []).map((path) => ({
      directory: path.Directory ?? '',
      workspace: path.Workspace ?? '',
    })),
  };
}
