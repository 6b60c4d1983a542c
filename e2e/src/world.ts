// A system with its git host and recording tools: what most tests need, started and stopped as one.
import { createGitHost, type GitHost } from './git-host.js';
import { type System, type SystemOptions, startSystem } from './system.js';
import { recordTools, type ToolRecorder } from './tool-recorder.js';

export interface World extends System {
  readonly host: GitHost;
  readonly tools: ToolRecorder;
}

export type WorldOptions = Omit<SystemOptions, 'githubUrl'>;

export async function startWorld(options: WorldOptions): Promise<World> {
  const host = await createGitHost();
  const tools = await recordTools();
  const clear = () => Promise.all([host.remove(), tools.remove()]);
  try {
    const system = await startSystem({ path: tools.path, ...options, githubUrl: host.baseUrl });
    const stop = async () => {
      await system.stop();
      await clear();
    };
    return { ...system, host, tools, stop };
  } catch (error) {
    await clear();
    throw error;
  }
}

export interface ProjectResult {
  readonly Command: number;
  readonly RepoRelDir: string;
  readonly Workspace: string;
  readonly Error: string | null;
  readonly Failure: string;
  readonly PlanSuccess: { readonly TerraformOutput: string; readonly LockURL: string } | null;
  readonly ApplySuccess: string;
  readonly ProjectName: string;
}

export interface RunResult {
  readonly ProjectResults: readonly ProjectResult[];
}

/** The body of a plan or an apply: `directory`, or `directory@workspace`. */
export function request(paths: readonly string[], more: object = {}): object {
  const Paths = paths.map((path) => {
    const [Directory, Workspace] = path.split('@');
    return { Directory, ...(Workspace === undefined ? {} : { Workspace }) };
  });
  return { Repository: 'acme/infra', Ref: 'main', Type: 'Github', Paths, ...more };
}

/** One resource, which asks for nothing but Terraform itself. */
export const resource = (input = 'x') => `resource "terraform_data" "a" {\n  input = ${JSON.stringify(input)}\n}\n`;

/** A resource whose creation runs a command. */
export const running = (command: string, name = 'a', more = '') =>
  `resource "terraform_data" "${name}" {\n${more}  provisioner "local-exec" {\n    command = ${JSON.stringify(command)}\n  }\n}\n`;
