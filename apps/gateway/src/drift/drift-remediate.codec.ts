// Body of POST /api/drift/remediate → StartRemediation; a remediation → its body, project by project.
import {
  AppError,
  type AtlantisRemediatedProject,
  AtlantisRemediateRequest,
  type AtlantisRemediation,
  type AtlantisRemediationDrift,
  type DriftCounts,
  type OperationInput,
  type RemediatedTarget,
  type Remediation,
  type RemediationText,
  type remediations,
} from '@terramesh/contracts';
import { z } from 'zod';
import { encodeGoJson } from '../atlantis/go-json.js';
import { canonicalType, foldKeys, parseJson, sentence } from '../http/json-body.js';
import { toSeconds } from './to-seconds.js';

export type RequestedRemediation = Omit<OperationInput<typeof remediations.start>, 'idempotencyKey' | 'user'>;

const requiredKeys = ['repository', 'ref', 'type'] as const;
const requestKeys = [...requiredKeys, 'action', 'projects', 'workspaces', 'drift_only', 'allow_destroy'] as const;

/** The JSON types of the keys, before anything is said about their values. */
const RequestTypes = z.object({
  repository: z.string().optional(),
  ref: z.string().optional(),
  type: z.string().optional(),
  action: z.string().optional(),
  projects: z.array(z.string()).optional(),
  workspaces: z.array(z.string()).optional(),
  drift_only: z.boolean().optional(),
  allow_destroy: z.boolean().optional(),
});

/**
 * Throws INVALID of the first check that fails: JSON syntax and types, the first required key that is missing, then all
 * wrong values. Keys match in any case, unknown ones are ignored, null and an empty action count as absent.
 */
export function decodeRemediateRequest(body: Buffer | undefined): RequestedRemediation {
  const json = parseJson(body?.toString('utf8') ?? '');
  const typed = RequestTypes.safeParse(foldKeys(json ?? {}, requestKeys));
  if (!typed.success) throw new AppError('INVALID', `failed to parse request: ${sentence(typed.error)}`);
  const missing = requiredKeys.find((key) => !typed.data[key]);
  if (missing !== undefined) throw new AppError('INVALID', `${missing} is required`);
  const { type, action, ...rest } = typed.data;
  const wanted = { ...rest, type: canonicalType(type), action: action === '' ? undefined : action };
  const request = AtlantisRemediateRequest.safeParse(wanted);
  if (!request.success) throw new AppError('INVALID', sentence(request.error));
  return toRequestedRemediation(request.data);
}

function toRequestedRemediation(request: AtlantisRemediateRequest): RequestedRemediation {
  return {
    type: request.type,
    repository: request.repository,
    ref: request.ref,
    action: request.action ?? 'plan',
    projects: request.projects ?? [],
    workspaces: request.workspaces ?? [],
    selection: request.drift_only === true ? 'drifted' : 'all',
    destroys: request.allow_destroy === true ? 'allow' : 'refuse',
  };
}

/** A target with its texts; empty ones are left out of the body. */
export interface TextedTarget {
  readonly target: RemediatedTarget;
  readonly texts: Readonly<Record<RemediationText, string>>;
}

/** The body in pieces, valid JSON only when joined; ends with `ending`. */
export async function* encodeRemediation(
  remediation: Remediation,
  targets: AsyncIterable<TextedTarget>,
  ending = '\n',
): AsyncGenerator<string> {
  const { projects: _projects, error, ...head } = headOf(remediation);
  yield `${encodeGoJson(head).slice(0, -1)},"projects":[`;
  let separator = '';
  for await (const target of targets) {
    yield separator + encodeGoJson(encodeProject(remediation.action, target));
    separator = ',';
  }
  yield `]${error === undefined ? '' : `,"error":${encodeGoJson(error)}`}}${ending}`;
}

/** `failed` is 500, with the same body. */
export function remediationHttpStatus({ status }: Remediation): 200 | 500 {
  return status === 'failed' ? 500 : 200;
}

function headOf(remediation: Remediation): AtlantisRemediation {
  const { completedAt, error } = remediation;
  return {
    id: remediation.id,
    repository: remediation.repository,
    ref: remediation.ref,
    action: remediation.action,
    status: remediation.status,
    started_at: toSeconds(remediation.startedAt),
    ...(completedAt === null ? {} : { completed_at: toSeconds(completedAt) }),
    total_projects: remediation.totalTargets,
    success_count: remediation.successCount,
    failure_count: remediation.failureCount,
    projects: [],
    ...(error === null ? {} : { error }),
  };
}

function encodeProject(action: Remediation['action'], { target, texts }: TextedTarget): AtlantisRemediatedProject {
  const { driftBefore, driftAfter } = target;
  const isSame = action === 'plan' && driftBefore?.hasDrift !== true && driftAfter?.hasDrift !== true;
  return {
    project_name: target.name,
    path: target.directory,
    workspace: target.terraformWorkspace,
    status: target.status,
    ...(texts.plan_output === '' ? {} : { plan_output: texts.plan_output }),
    ...(texts.apply_output === '' ? {} : { apply_output: texts.apply_output }),
    ...(texts.error === '' ? {} : { error: texts.error }),
    ...(driftBefore === null ? {} : { drift_before: encodeDrift(driftBefore, action) }),
    ...(driftAfter === null || isSame ? {} : { drift_after: encodeDrift(driftAfter, action) }),
  };
}

/**
 * As the samples of Atlantis have it: without drift no counts; with drift, a plan shows what it would add, change and
 * destroy even where that is nothing, an apply leaves zeros out.
 */
function encodeDrift(counts: DriftCounts, action: Remediation['action']): AtlantisRemediationDrift {
  const { hasDrift, toAdd, toChange, toDestroy, toImport, changesOutside, summary } = counts;
  const showsZeros = hasDrift && action === 'plan';
  return {
    HasDrift: hasDrift,
    ...(showsZeros || toAdd > 0 ? { ToAdd: toAdd } : {}),
    ...(showsZeros || toChange > 0 ? { ToChange: toChange } : {}),
    ...(showsZeros || toDestroy > 0 ? { ToDestroy: toDestroy } : {}),
    ...(toImport > 0 ? { ToImport: toImport } : {}),
    ...(changesOutside ? { ChangesOutside: changesOutside } : {}),
    Summary: summary,
  };
}
