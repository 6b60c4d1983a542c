// A message as it is sent: JSON with snake_case keys for programs, a text for Slack.
import type { DriftMessage, ToldTarget } from '@terramesh/contracts';

/** What a test of a webhook sends. */
export interface TestMessage {
  readonly kind: 'webhook.test';
  readonly eventId: string;
  readonly at: string;
}

export type Sendable = DriftMessage | TestMessage;

const maxSlackLines = 20;
const maxSlackLength = 3000;

/** Flat at the top: `event_id`, `kind`, `at`, `hostname`, `repository`, `ref`, then what its kind has. */
export function encodeHttp(message: Sendable): string {
  const { eventId, kind, at, ...facts } = message;
  const head = { event_id: eventId, kind, at };
  if (!('repository' in facts)) return JSON.stringify(head);
  const { repository, ...rest } = facts;
  return JSON.stringify({ ...head, ...repository, ...(withSnakeKeys(rest) as object) });
}

/** A body for Slack's incoming webhooks, and for those that take the same. */
export function encodeSlack(message: Sendable): string {
  const lines = message.kind === 'webhook.test' ? ['This is a test: messages arrive.'] : slackLines(message);
  const shown = lines.length > maxSlackLines ? [...lines.slice(0, maxSlackLines), '…'] : lines;
  return JSON.stringify({ text: cut(shown.join('\n'), maxSlackLength) });
}

function slackLines(message: DriftMessage): string[] {
  const { hostname, repository } = message.repository;
  const where = `*${escapeSlack(`${hostname}/${repository}`)}*${message.ref === null ? '' : ` at \`${escapeSlack(message.ref)}\``}`;
  switch (message.kind) {
    case 'drift.found':
      return [`:warning: Drift in ${where}: ${targets(message.totalTargets)}`, ...targetLines(message)];
    case 'drift.changed':
      return [
        `:warning: Other drift than before in ${where}: ${targets(message.totalTargets)}`,
        ...targetLines(message),
      ];
    case 'drift.resolved':
      return [
        `:white_check_mark: No more drift in ${where}: ${targets(message.totalTargets)}`,
        ...targetLines(message),
      ];
    case 'loop.detected':
      return [`:repeat: Drifts again and again in ${where}: ${escapeSlack(message.reason)}`, ...targetLines(message)];
    case 'check.failed':
      return [
        `:question: Cannot be checked for drift in ${where}: ${message.reason === null ? targets(message.totalTargets) : escapeSlack(cut(message.reason, 500))}`,
        ...checkLines(message),
      ];
    case 'check.recovered':
      return [`:white_check_mark: Checked again in ${where}: ${targets(message.totalTargets)}`, ...checkLines(message)];
    case 'breaker.opened':
      return [
        `:rotating_light: The breaker opened: ${message.driftedTargets} of ${message.checkedTargets} targets drift in ${where}. Nothing is remediated by itself until it is closed.`,
        escapeSlack(message.reason),
      ];
    case 'breaker.closed':
      return [
        `:white_check_mark: The breaker is closed, by ${escapeSlack(message.user || 'nobody by name')}: ${escapeSlack(message.reason)}`,
      ];
    case 'remediation.finished':
      return [
        `${message.status === 'success' ? ':white_check_mark:' : ':x:'} Remediation (${message.action}) of ${where}: ${message.status}, ${message.successCount} of ${targets(message.totalTargets)}`,
        ...(message.reason === null ? [] : [escapeSlack(message.reason)]),
      ];
    case 'schedule.missed':
      return [
        `:alarm_clock: Schedule ${scheduleName(message)} of ${where} missed ${message.missed === 1 ? 'a turn' : `${message.missed} turns`} since ${message.firstMissedAt}; one run makes up for all of it`,
      ];
    case 'schedule.failed':
      return [
        `:x: Schedule ${scheduleName(message)} of ${where} failed${message.failures === 1 ? '' : ` ${message.failures} times`}; next try at ${message.nextRunAt}`,
        escapeSlack(message.reason),
      ];
  }
}

function scheduleName({ schedule, scheduleId }: { schedule: string; scheduleId: string }): string {
  return `"${escapeSlack(schedule === '' ? scheduleId : schedule)}"`;
}

function targets(count: number): string {
  return count === 1 ? '1 target' : `${count} targets`;
}

function targetLines({ targets, totalTargets }: { targets: readonly ToldTarget[]; totalTargets: number }): string[] {
  const lines = targets.map((told) => {
    const counts = `+${told.toAdd} ~${told.toChange} -${told.toDestroy}`;
    const more = told.addresses.length > 3 ? ', …' : '';
    const addresses = told.addresses.slice(0, 3).map((address) => `\`${escapeSlack(address)}\``);
    const owner = told.owner === null ? '' : ` (${escapeSlack(told.owner)})`;
    return `• ${targetName(told.target)}${owner}: ${counts} ${addresses.join(', ')}${more}`.trimEnd();
  });
  return totalTargets > targets.length ? [...lines, `• and ${totalTargets - targets.length} more`] : lines;
}

function checkLines({ targets }: { targets: readonly { target: ToldTarget['target']; problem: string }[] }): string[] {
  return targets.map(({ target, problem }) => {
    const firstLine = problem.split('\n', 1)[0] ?? '';
    return `• ${targetName(target)}${firstLine === '' ? '' : `: ${escapeSlack(cut(firstLine, 200))}`}`;
  });
}

function targetName({ name, directory, terraformWorkspace }: ToldTarget['target']): string {
  return escapeSlack(name === '' ? `${directory} (${terraformWorkspace})` : name);
}

/** Slack's own three; with them nothing can become a link or a mention. */
function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}

/** A target's own members move up to those of whatever lists it. */
function withSnakeKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withSnakeKeys);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).flatMap(([key, member]): [string, unknown][] => {
    if (key === 'target') return Object.entries(wireTarget(member));
    return [[snake(key), withSnakeKeys(member)]];
  });
  return Object.fromEntries(entries);
}

function wireTarget({ directory, terraformWorkspace, name }: ToldTarget['target']) {
  return { project_name: name, path: directory, workspace: terraformWorkspace };
}

/** `totalTargets` → `total_targets`. */
function snake(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
