// Puts the tests' own Terraform provider where Terraform looks for providers, as a company does with a mirror.
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface WorldProvider {
  /** A CLI configuration: TERRAMESH_TERRAFORM_CONFIG_FILE, or TF_CLI_CONFIG_FILE. */
  readonly cliConfigFile: string;
  /** A `terraform` block that asks for the provider. */
  readonly requiredProviders: string;
}

const source = 'terramesh/world';
const version = '0.1.0';

/**
 * A file system mirror in `folder` with the provider `world`, whose one resource is a file outside of the repository:
 * `resource "world_file" "x" { path = "/abs", content = "…", secret = "…" }`, `sha256` computed; `secret` is sensitive and
 * lies in `<path>.secret`. To change or delete the file by hand is drift that Terraform itself finds.
 */
export async function installWorldProvider(folder: string): Promise<WorldProvider> {
  const platform = `${process.platform}_${process.arch === 'x64' ? 'amd64' : process.arch}`;
  const mirror = join(folder, 'mirror');
  const directory = join(mirror, 'registry.terraform.io', source, version, platform);
  await mkdir(directory, { recursive: true });
  const main = fileURLToPath(new URL('./world-provider/main.js', import.meta.url));
  const executable = join(directory, `terraform-provider-world_v${version}`);
  await writeFile(executable, `#!/bin/sh\nexec '${process.execPath}' '${main}'\n`);
  await chmod(executable, 0o755);
  const cliConfigFile = join(folder, 'terraform.rc');
  await writeFile(
    cliConfigFile,
    `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(mirror)}\n  }\n}\n`,
  );
  const requiredProviders = `terraform {\n  required_providers {\n    world = { source = "${source}" }\n  }\n}\n`;
  return { cliConfigFile, requiredProviders };
}
