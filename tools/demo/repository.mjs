// The repository that the demo plans: three root modules that depend on each other, and one that waits for a file.
// terraform_data only, so no provider is downloaded; the state is kept beside the repository, by absolute path.
import { execFile } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

const atlantisYaml = `version: 3
projects:
  - name: network
    dir: network
    execution_order_group: 1
  - name: database
    dir: database
    execution_order_group: 2
    depends_on: [network]
  - name: app
    dir: app
    execution_order_group: 3
    depends_on: [database]
  - name: slow
    dir: slow
    execution_order_group: 4
`;

const backend = (folder, name) => `terraform {
  backend "local" {
    path = ${JSON.stringify(join(folder, 'state', `${name}.tfstate`))}
  }
}
`;

const network = (cidrs) => `
variable "subnets" {
  default = ${JSON.stringify(cidrs)}
}

resource "terraform_data" "subnet" {
  for_each = var.subnets
  input    = each.value
}

output "subnets" {
  value = { for name, subnet in terraform_data.subnet : name => subnet.output }
}
`;

const database = `
resource "terraform_data" "postgres" {
  input = { version = "18", storage_gb = 100 }
}
`;

const app = (version, replicas) => `
resource "terraform_data" "release" {
  input = ${JSON.stringify(version)}
}

resource "terraform_data" "replica" {
  count = ${replicas}
  input = "app-\${count.index}"
}
`;

/** Its apply ends when the file `gate` is there, and after a minute in any case. */
const slow = (gate) => `
resource "terraform_data" "waits" {
  provisioner "local-exec" {
    command = "echo 'waiting for the gate'; i=0; while [ ! -e '${gate}' ] && [ $i -lt 600 ]; do i=$((i+1)); sleep 0.1; done; test -e '${gate}'"
  }
}
`;

/**
 * Makes `<folder>/remote/<name>.git` with one commit on main.
 * @returns {Promise<{ baseUrl: string, name: string, gate: string, change(): Promise<string> }>} `change` commits the
 *   demo's second version and returns what it did in words; `gate` is the file that the module "slow" waits for.
 */
export async function createRepository(folder) {
  const name = 'acme/infrastructure';
  const bare = join(folder, 'remote', `${name}.git`);
  const work = join(folder, 'work');
  const gate = join(folder, 'gate');
  const git = (...args) => exec('git', args, { cwd: work, env: gitEnvironment(folder), timeout: 30_000 });

  await mkdir(join(folder, 'state'), { recursive: true });
  await mkdir(bare, { recursive: true });
  await mkdir(work, { recursive: true });
  const write = async (path, content) => {
    await mkdir(dirname(join(work, path)), { recursive: true });
    await writeFile(join(work, path), content);
  };
  const commit = async (message) => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', message);
    await git('push', '--quiet', bare, 'HEAD:refs/heads/main');
  };

  await git('init', '--quiet', '--bare', '--initial-branch=main', bare);
  await git('init', '--quiet', '--initial-branch=main', '.');
  await write('atlantis.yaml', atlantisYaml);
  await write(
    'network/main.tf',
    backend(folder, 'network') + network({ public: '10.0.1.0/24', private: '10.0.2.0/24' }),
  );
  await write('database/main.tf', backend(folder, 'database') + database);
  await write('app/main.tf', backend(folder, 'app') + app('1.0.0', 2));
  await write('slow/main.tf', backend(folder, 'slow') + slow(gate));
  await commit('The first version');

  return {
    baseUrl: `file://${join(folder, 'remote')}`,
    name,
    gate,
    async change() {
      await write('app/main.tf', backend(folder, 'app') + app('1.1.0', 3));
      await commit('app 1.1.0, one more replica');
      return 'app 1.1.0, one more replica';
    },
  };
}

/** Nothing of the person's own git configuration: no signing, no hooks, no templates. */
function gitEnvironment(folder) {
  const person = { GIT_AUTHOR_NAME: 'Demo', GIT_AUTHOR_EMAIL: 'demo@example.com' };
  const committer = { GIT_COMMITTER_NAME: 'Demo', GIT_COMMITTER_EMAIL: 'demo@example.com' };
  const isolated = { HOME: folder, GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_TERMINAL_PROMPT: '0' };
  return { PATH: process.env.PATH, ...person, ...committer, ...isolated };
}
