// The page of one lock: a string and nothing from outside; its script may do one thing.
import { createHash } from 'node:crypto';
import type { Lock, LockGuard, LockOwner } from '@terramesh/contracts';
import { holderLabel } from './locks.codec.js';

const style = `
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 3rem auto; padding: 0 1rem; color: #222; }
dt { font-weight: 600; margin-top: .6rem; } dd { margin: 0; overflow-wrap: anywhere; }
form { margin-top: 2rem; } input, button { font: inherit; padding: .4rem .8rem; }
button { background: #b3261e; color: #fff; border: 0; border-radius: .3rem; cursor: pointer; }
button:disabled { background: #999; } output { display: block; margin-top: 1rem; }`;

const script = `
const form = document.querySelector('form');
const answer = document.querySelector('output');
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const id = encodeURIComponent(encodeURIComponent(form.dataset.lock));
    const response = await fetch('locks?id=' + id, {
      method: 'DELETE',
      headers: { 'X-Atlantis-Token': form.elements.token.value },
    });
    answer.textContent = await response.text();
    button.disabled = response.ok;
  } catch (error) {
    answer.textContent = String(error);
    button.disabled = false;
  }
});`;

const guardTexts: Record<LockGuard, string> = {
  none: 'nothing is being applied',
  applying: 'an apply is running: it cannot be released now',
  outcome_unknown: 'an apply was lost and nobody knows how it ended: look at the state before you release it',
};

const contentSecurityPolicy = [
  "default-src 'none'",
  `style-src '${hashOf(style)}'`,
  `script-src '${hashOf(script)}'`,
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** The page and the header that allows its own style and script and nothing else. */
export function lockPage(lock: Lock): { html: string; contentSecurityPolicy: string } {
  const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Lock ${escapeHtml(lock.name)}</title>
<style>${style}</style>
</head>
<body>
<h1>Lock</h1>
<dl>
${facts(lock)}
</dl>
<form data-lock="${escapeHtml(lock.name)}">
<label>API token <input name="token" type="password" autocomplete="off" required></label>
<button>Discard plan and unlock</button>
<output></output>
</form>
<script>${script}</script>
</body>
</html>
`;
  return { html, contentSecurityPolicy };
}

function facts(lock: Lock): string {
  const rows: [string, string][] = [
    ['Repository', `${lock.key.hostname}/${lock.key.repository}`],
    ['Directory', lock.key.directory],
    ['Terraform workspace', lock.key.terraformWorkspace],
    ['Project', lock.key.name],
    ['Held by', isOfPull(lock.holder) ? `pull request ${holderLabel(lock.holder)}` : holderLabel(lock.holder)],
    ['Run', lock.holder.kind === 'run' ? lock.holder.runId : ''],
    ['User', lock.user],
    ['Since', lock.since],
    ['Why', lock.reason],
    ['Apply', guardTexts[lock.guard]],
    ['Waiting', lock.waiting.map(holderLabel).join(', ')],
  ];
  const link = /^https?:\/\//.test(lock.url) ? `<dt>Link</dt><dd>${anchor(lock.url)}</dd>` : '';
  const shown = rows.filter(([, value]) => value !== '');
  return shown.map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value)}</dd>`).join('\n') + link;
}

function isOfPull(holder: LockOwner): boolean {
  return holder.kind !== 'person' && holder.pull !== null;
}

function anchor(url: string): string {
  return `<a href="${escapeHtml(url)}" rel="noreferrer">${escapeHtml(url)}</a>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
