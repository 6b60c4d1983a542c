// Body of POST /api/drift/detect → DetectionRequest; a detection → its body, project by project.
import {
  AppError,
  type AtlantisDetectedProject,
  type AtlantisDetections,
  AtlantisDetectRequest,
  type DetectedTarget,
  type Detection,
  type driftDetections,
  type OperationInput,
} from '@terramesh/contracts';
import { z } from 'zod';
import { encodeGoJson } from '../atlantis/go-json.js';
import { canonicalType, foldKeys, parseJson, sentence } from '../http/json-body.js';
import { encodeDrift } from './drift-status.codec.js';
import { toSeconds } from './to-seconds.js';

export type RequestedDetection = Omit<OperationInput<typeof driftDetections.start>, 'idempotencyKey' | 'user'>;

const requiredKeys = ['repository', 'ref', 'type'] as const;
const requestKeys = [...requiredKeys, 'projects', 'paths'] as const;
const pathKeys = ['directory', 'workspace'] as const;

/** The JSON types of the keys, before anything is said about their values. */
const RequestTypes = z.object({
  repository: z.string().optional(),
  ref: z.string().optional(),
  type: z.string().optional(),
  projects: z.array(z.string()).optional(),
  paths: z.array(z.object({ directory: z.string().optional(), workspace: z.string().optional() })).optional(),
});

/**
 * Throws INVALID of the first check that fails: JSON syntax and types, then required keys, then values. Keys match in any
 * case, unknown ones are ignored, null counts as absent.
 */
export function decodeDetectRequest(body: Buffer | undefined): RequestedDetection {
  const json = parseJson(body?.toString('utf8') ?? '');
  const folded = foldKeys(json ?? {}, requestKeys);
  if (Array.isArray(folded.paths)) folded.paths = folded.paths.map((path) => foldKeys(path ?? {}, pathKeys));
  const typed = RequestTypes.safeParse(folded);
  if (!typed.success) throw new AppError('INVALID', `failed to parse request: ${sentence(typed.error)}`);
  const missing = requiredKeys.filter((key) => !typed.data[key]).map((key) => `${key} is required`);
  if (missing.length > 0) throw new AppError('INVALID', missing.join('; '));
  const request = AtlantisDetectRequest.safeParse({ ...typed.data, type: canonicalType(typed.data.type) });
  if (!request.success) throw new AppError('INVALID', sentence(request.error));
  const { type, repository, ref, projects = [], paths = [] } = request.data;
  const selected = paths.map(({ directory = '', workspace = '' }) => ({ directory, workspace }));
  return { type, repository, ref, projects, paths: selected };
}

/** `failed` is 500, with the same body. */
export function detectionHttpStatus({ status }: Detection): 200 | 500 {
  return status === 'failed' ? 500 : 200;
}

/** The body in pieces, valid JSON only when joined. */
export async function* encodeDetection(
  detection: Detection,
  targets: AsyncIterable<DetectedTarget>,
): AsyncGenerator<string> {
  const { error, ...head } = encodeListed(detection);
  yield `${encodeGoJson(head).slice(0, -1)},"projects":[`;
  let separator = '';
  for await (const target of targets) {
    yield separator + encodeGoJson(encodeProject(detection, target));
    separator = ',';
  }
  yield `]${error === undefined ? '' : `,"error":${encodeGoJson(error)}`}}\n`;
}

export function encodeListed(detection: Detection): AtlantisDetections['detections'][number] {
  const { commit, runId, scheduleId, completedAt, error } = detection;
  return {
    id: detection.id,
    repository: detection.repository,
    ref: detection.ref,
    status: detection.status,
    started_at: toSeconds(detection.startedAt),
    ...(completedAt === null ? {} : { detected_at: toSeconds(completedAt) }),
    ...(commit === null ? {} : { resolved_commit: commit }),
    ...(runId === null ? {} : { run_id: runId }),
    ...(scheduleId === null ? {} : { schedule_id: scheduleId }),
    total_projects: detection.totalTargets,
    projects_with_drift: detection.driftedTargets,
    failure_count: detection.failedTargets,
    ...(error === null ? {} : { error }),
  };
}

function encodeProject(
  { ref }: Detection,
  { target, counts, error, checkedAt }: DetectedTarget,
): AtlantisDetectedProject {
  return {
    project_name: target.name,
    path: target.directory,
    workspace: target.terraformWorkspace,
    ref,
    has_drift: counts?.hasDrift ?? false,
    ...(counts === null ? {} : { drift: encodeDrift(counts) }),
    last_checked: toSeconds(checkedAt),
    ...(error === null ? {} : { error }),
  };
}
