// The repository that the campaign plans and applies: each target is one resource that leaves a line in a file outside of
// the repository each time it is really applied, and every commit makes its targets new.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createGitRemote } from '@terramesh/testing';

const targetCount = 8;

/** `pass`, `fail` (after its effect), or `refuse` (its plan fails). */
const modes = [
  ['pass', 85],
  ['fail', 9],
  ['refuse', 6],
];

export const targets = Array.from({ length: targetCount }, (_, index) => `target-${index + 1}`);

export async function createRepository({ root, random }) {
  const effectsFile = join(root, 'effects');
  const states = join(root, 'states');
  let count = 0;
  let current = {};
  const next = (mode) => {
    count += 1;
    const [beforeSeconds, afterSeconds] = [random.between(0, 1), random.between(0, 2)].map((one) => one.toFixed(2));
    return { version: `v${count}`, mode, beforeSeconds, afterSeconds };
  };
  const rootModule = (target, version) => moduleOf({ target, version, effectsFile, stateFile: join(states, target) });
  const files = () =>
    Object.fromEntries(targets.map((target) => [`${target}/main.tf`, rootModule(target, current[target])]));
  current = Object.fromEntries(targets.map((target) => [target, next('pass')]));
  const remote = await createGitRemote({ repository: 'chaos/infra', files: files() });
  /** What each commit asks of each target. */
  const commits = new Map([[remote.firstCommit, current]]);
  let last = Promise.resolve();
  return {
    url: remote.baseUrl,
    commits,
    /** A commit that makes these targets new; `mode` for all of them, or each by chance. */
    change(changed, mode) {
      last = last.then(async () => {
        const versions = Object.fromEntries(changed.map((one) => [one, next(mode ?? random.pickWeighted(modes))]));
        current = { ...current, ...versions };
        const texts = Object.entries(versions).map(([one, version]) => [`${one}/main.tf`, rootModule(one, version)]);
        const intended = current;
        commits.set(await remote.commit(Object.fromEntries(texts)), intended);
      });
      return last;
    },
    effects: () => readEffects(effectsFile),
    remove: () => remote.remove(),
  };
}

function moduleOf({ target, version, effectsFile, stateFile }) {
  const { beforeSeconds, afterSeconds } = version;
  // The checkout is named after the run; the parent is Terraform.
  const effect = `printf '%s\\n' "${target} ${version.version} $PPID $(date +%s.%N) $PWD" >> '${effectsFile}'`;
  const end = version.mode === 'fail' ? '; exit 7' : '';
  const script = `sleep ${beforeSeconds}; ${effect}; echo effect-of-${version.version}; sleep ${afterSeconds}${end}`;
  return `terraform {
  backend "local" {
    path = "${stateFile}.tfstate"
  }
}
locals {
  mode = "${version.mode}"
}
resource "terraform_data" "effect" {
  triggers_replace = ["${version.version}"]
  lifecycle {
    precondition {
      condition     = local.mode != "refuse"
      error_message = "refused"
    }
  }
  provisioner "local-exec" {
    command = ${JSON.stringify(script)}
  }
}
`;
}

async function readEffects(file) {
  const text = await readFile(file, 'utf8').catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [target, version, terraformPid, seconds, directory] = line.split(' ');
      const runId = /\/(run-[^/-]+)[^/]*\/[^/]+$/.exec(directory ?? '')?.[1] ?? null;
      return { target, version, terraformPid, at: Number(seconds) * 1000, directory, runId };
    });
}
