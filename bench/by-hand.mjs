// The same work as a person at a terminal does it: a clone, and Terraform in its directories.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);
const perDirectory =
  'cd "$0" && terraform init -input=false -no-color >/dev/null && ' +
  'terraform plan -input=false -no-color -out=by-hand.tfplan >/dev/null && ' +
  'terraform show -json by-hand.tfplan >/dev/null';
const env = { PATH: process.env.PATH, HOME: '/nonexistent', TF_IN_AUTOMATION: '1', CHECKPOINT_DISABLE: '1' };
const limits = { env, maxBuffer: 64 * 1024 * 1024, timeout: 600_000 };

export async function clone(url, directory) {
  await run('git', ['clone', '--quiet', url, directory], limits);
}

export async function planOne(directory) {
  await run('sh', ['-c', perDirectory, directory], limits);
}

/** `xargs -P`: as many at once as there are processors. */
export async function planAll(directories, parallel) {
  const script = `xargs -P ${parallel} -I{} sh -c '${perDirectory}' {} <<'LIST'\n${directories.join('\n')}\nLIST`;
  await run('sh', ['-c', script], limits);
}
