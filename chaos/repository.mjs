// The repository that the campaign plans and applies: each target is one resource that leaves a line in a file outside of
// the repository each time it is really applied. Every commit to `main` makes its targets new. The targets of the branch
// `world` stay as they are: they drift, when their state is lost.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createGitRemote } from '@terramesh/testing';

const targetCount = 8;
const driftTargetCount = 4;
const worldVersion = { version: 'world', mode: 'pass', beforeSeconds: '0.40', afterSeconds: '0.60' };

/** `pass`, `fail` (after its effect), or `refuse` (its plan fails). */
const modes = [
  ['pass', 85],
  ['fail', 9],
  ['refuse', 6],
];

const named = (name, count) => Array.from({ length: count }, (_, index) => `${name}-${index + 1}`);
export const targets = named('target', targetCount);
export const driftTargets = named('drift', driftTargetCount);
export const driftRef = 'world';

export const refOf = (target) => (driftTargets.includes(target) ? driftRef : 'main');

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
  const world = Object.fromEntries(driftTargets.map((target) => [target, worldVersion]));
  const worldFiles = driftTargets.map((target) => [`${target}/main.tf`, rootModule(target, worldVersion)]);
  commits.set(await remote.commit(Object.fromEntries(worldFiles), { branch: driftRef }), { ...current, ...world });
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
    /** Makes these drift: what they had is to be made anew. */
    async forget(drifting) {
      for (const target of drifting) await rm(join(states, `${target}.tfstate`), { force: true });
    },
    effects: () => readEffects(effectsFile),
    remove: () => remote.remove(),
  };
}

function moduleOf({ target, version, effectsFile, stateFile }) {
  const { beforeSeconds, afterSeconds } = version;
  // The parent is Terraform, while it lives; its plan file lies in the folder of the execution.
  const execution = "execution=$(grep -ao 'exe-[[:alnum:]]*' /proc/$PPID/cmdline | head -n 1)";
  const line = `${target} ${version.version} $PPID $(date +%s.%N) $execution`;
  const effect = `printf '%s\\n' "${line}" >> '${effectsFile}'; echo effect-of-${version.version}`;
  const end = version.mode === 'fail' ? '; exit 7' : '';
  const steps = [
    execution,
    'test -n "$execution" || exit 1',
    `sleep ${beforeSeconds}`,
    effect,
    `sleep ${afterSeconds}`,
  ];
  const script = `${steps.join('; ')}${end}`;
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
      const [target, version, terraformPid, seconds, executionId] = line.split(' ');
      return { target, version, terraformPid, at: Number(seconds) * 1000, executionId };
    });
}
