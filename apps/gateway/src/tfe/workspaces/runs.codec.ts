// Runs of a workspace's target → JSON:API.
import type { TargetRun, Workspace } from '@terramesh/contracts';
import type { Resource } from '../send-document.js';
import { runMessage, runStatus } from './run-status.js';

/** No plan and no apply are linked: they have no resources here. Logs and results are under /api/runs. */
export function encodeRun(run: TargetRun, workspace: Pick<Workspace, 'id' | 'permissions'>): Resource {
  const { kind, plan, place } = run;
  const { canQueueApply, canReadRun } = workspace.permissions;
  return {
    id: run.id,
    type: 'runs',
    attributes: {
      status: runStatus(run),
      message: runMessage(run),
      'created-at': run.createdAt,
      'canceled-at': run.cancelRequestedAt,
      'status-timestamps': statusTimestamps(run),
      'has-changes': plan === null ? null : plan.toAdd + plan.toChange + plan.toDestroy + plan.toImport > 0,
      'plan-only': kind === 'plan',
      'auto-apply': kind === 'apply',
      'is-destroy': false,
      refresh: true,
      'refresh-only': false,
      'save-plan': false,
      'allow-empty-apply': false,
      source: 'tfe-api',
      actions: {
        'is-cancelable': false,
        'is-confirmable': false,
        'is-discardable': false,
        'is-force-cancelable': false,
      },
      permissions: {
        'can-apply': false,
        'can-cancel': false,
        'can-discard': false,
        'can-force-cancel': false,
        'can-force-execute': false,
        'can-comment': false,
        'can-override-policy-check': false,
        'can-read': canReadRun,
        'can-queue-apply': canQueueApply,
      },
      'terramesh-run-id': run.runId,
      ref: run.ref,
      commit: run.commit,
      'pull-request': run.pull,
      directory: place.directory,
      'terraform-workspace': place.terraformWorkspace,
    },
    relationships: {
      workspace: {
        data: { id: workspace.id, type: 'workspaces' },
        links: { related: `/api/v2/workspaces/${workspace.id}` },
      },
    },
    links: { self: `/api/v2/runs/${run.id}` },
  };
}

function statusTimestamps(run: TargetRun): Record<string, string> {
  const { startedAt, finishedAt } = run;
  return {
    'plan-queueable-at': run.createdAt,
    ...(startedAt === null ? {} : { 'planning-at': startedAt }),
    ...(finishedAt === null ? {} : { [`${runStatus(run).replaceAll('_', '-')}-at`]: finishedAt }),
  };
}
