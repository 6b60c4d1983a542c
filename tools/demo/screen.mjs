// What the demo prints: plain when it goes to a file, in color when a person looks at it (NO_COLOR is respected).
const color = process.stdout.isTTY && !process.env.NO_COLOR;
const paint = (code) => (text) => (color ? `\u001b[${code}m${text}\u001b[0m` : text);

export const bold = paint('1');
export const dim = paint('2');
export const red = paint('31');
export const green = paint('32');
const yellow = paint('33');
export const cyan = paint('36');

export const say = (line = '') => process.stdout.write(`${line}\n`);

/** A heading that counts the steps. */
export function heading(number, title) {
  say();
  say(`${cyan(`${number}.`)} ${bold(title)}`);
}

/** A fact that was checked. */
export const fact = (text) => say(`   ${green('✓')} ${text}`);

/** A line that shows something rather than claims it. */
export const show = (text) => say(`   ${dim('│')} ${text}`);

/** @param {number} ms */
export const duration = (ms) => (ms < 1000 ? `${Math.round(ms)} ms` : `${(ms / 1000).toFixed(1)} s`);

/** Terraform's plan text with the colors that Terraform itself would give it. */
export function paintPlan(text) {
  return text.split('\n').map((line) => {
    if (/^\s*\+/.test(line)) return green(line);
    if (/^\s*~/.test(line)) return yellow(line);
    if (/^\s*-(\/\+)?\s/.test(line)) return red(line);
    if (/^Plan:|^No changes/.test(line)) return bold(line);
    return line;
  });
}
