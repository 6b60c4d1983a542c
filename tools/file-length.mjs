// Fails when a source file has more than 300 lines: by then it holds a second concept.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './prepare.mjs';

const maxLines = 300;
const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.ts', '*.mjs'];
const files = execFileSync('git', args, { cwd: root, encoding: 'utf8' }).split('\0').filter(Boolean);

const tooLong = files
  .filter((file) => existsSync(join(root, file)))
  .map((file) => ({ file, lines: readFileSync(join(root, file), 'utf8').split('\n').length - 1 }))
  .filter(({ lines }) => lines > maxLines);

for (const { file, lines } of tooLong) {
  console.error(`${file}: ${lines} lines, ${maxLines} at most. Look for the second concept in it.`);
}
process.exitCode = tooLong.length === 0 ? 0 : 1;
