// Where an execution works: the commit checked out, its directory in it, a kept and initialized TF_DATA_DIR, its state.
import { createHash } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Injectable } from '@nestjs/common';
import {
  computeInitFingerprint,
  type Environment,
  initArgs,
  isInitialized,
  markInitialized,
  prepareInit,
  type Tool,
  terraformEnvironment,
} from '@terramesh/terraform';
import { Checkouts } from '../checkout/checkouts.js';
import { resolveTargetDirectory } from '../checkout/directory.js';
import { Mirrors } from '../checkout/mirrors.js';
import { RunsContext } from '../context.js';
import { credentialsFor } from '../credentials.js';
import type { ExecutionEntity } from '../persistence/execution.entity.js';
import type { RunEntity } from '../persistence/run.entity.js';
import { requireExit } from './failure.js';
import { KeptLock } from './kept-lock.js';
import { keptStatePath, refuseForgottenState, restoreState } from './kept-state.js';
import type { LogWriter } from './log-writer.js';
import { ProviderStore } from './provider-store.js';
import { runStep, stepFolder } from './terraform-step.js';

export interface Place {
  readonly directory: string;
  readonly dataDir: string;
  /** For every command but init. */
  readonly env: Environment;
  /** Where Terraform keeps its state in the checkout; null when a backend keeps it elsewhere. */
  readonly keptState: string | null;
}

export interface Preparation {
  readonly run: RunEntity;
  readonly execution: ExecutionEntity;
  readonly epoch: number;
  readonly commit: string;
  readonly tool: Tool;
  readonly log: LogWriter;
  readonly signals: readonly AbortSignal[];
  /** Called once, before anything that takes long. */
  readonly onCold: () => Promise<void>;
}

@Injectable()
export class Places {
  private readonly providers: ProviderStore;

  constructor(
    private readonly context: RunsContext,
    private readonly mirrors: Mirrors,
    private readonly checkouts: Checkouts,
  ) {
    this.providers = new ProviderStore(context.folders.providerStore);
  }

  /** Throws ExecutionFailed, ExecutionEnded, or AppError when git or the disk fails. */
  async prepare(preparation: Preparation): Promise<Place> {
    const { run, execution } = preparation;
    const root = await this.checkOut(preparation);
    const directory = await resolveTargetDirectory(root, execution.directory);
    const dataDir = join(this.context.folders.dataDirs, dataDirName(run, execution));
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await this.initialize(preparation, { root, directory, dataDir });
    const { terraformWorkspace } = execution;
    const keptState = await keptStatePath({ root, directory, dataDir, terraformWorkspace });
    if (keptState === null) await refuseForgottenState(this.context, run, execution);
    else await restoreState(this.context, run, execution, keptState);
    return { directory, dataDir, env: this.environment({ dataDir, workspace: terraformWorkspace }), keptState };
  }

  /** So that the next run of the same commit finds its checkout made, as this one did. */
  foresee({ run, execution }: Pick<Preparation, 'run' | 'execution'>): void {
    this.checkouts.spares.replace(checkoutKey(run.id, execution.terraformWorkspace));
  }

  /** The checkouts of a run are shared by its targets, one per Terraform workspace. */
  async checkOut({ run, execution, commit, onCold }: Preparation): Promise<string> {
    const key = checkoutKey(run.id, execution.terraformWorkspace);
    const ready = await this.checkouts.find({ key, commit });
    if (ready !== undefined) return ready;
    await onCold();
    const { hostname, repository, cloneUrl } = run;
    const credentials = credentialsFor(this.context.settings, run.type);
    const { mirror } = await this.mirrors.fetch({ hostname, repository, cloneUrl, ref: commit, credentials });
    return this.checkouts.prepare({ mirror, commit, key });
  }

  private environment(options: { dataDir: string; workspace?: string; pluginCacheDir?: string }): Environment {
    const { settings, folders, environment } = this.context;
    return terraformEnvironment({
      parent: environment,
      allow: settings.terraformEnvironment,
      home: folders.home,
      ...(settings.cliConfigFile === undefined ? {} : { cliConfigFile: settings.cliConfigFile }),
      ...options,
    });
  }

  private async initialize(
    preparation: Preparation,
    place: { root: string; directory: string; dataDir: string },
  ): Promise<void> {
    const { tool, onCold } = preparation;
    const { root, directory, dataDir } = place;
    const lock = new KeptLock({ directory, dataDir });
    const found = await lock.read();
    await lock.complete(found);
    const fingerprint = await computeInitFingerprint({ root, directory, dataDir, tool });
    if (await isInitialized({ dataDir, fingerprint })) return;
    await onCold();
    await prepareInit({ dataDir });
    // The backend it remembers may be another branch's: init then begins as in a new directory.
    await rm(join(dataDir, 'terraform.tfstate'), { force: true });
    await this.providers.install({
      dataDir,
      lockFile: await lock.begin(found),
      init: (pluginCacheDir) => this.init(preparation, directory, dataDir, pluginCacheDir),
    });
    await lock.keep(found);
    await markInitialized({ dataDir, fingerprint: await computeInitFingerprint({ root, directory, dataDir, tool }) });
  }

  private async init(
    { execution, epoch, tool, log, signals }: Preparation,
    cwd: string,
    dataDir: string,
    pluginCacheDir: string,
  ): Promise<void> {
    const timeoutMs = this.context.settings.initTimeoutSeconds * 1000;
    const result = await runStep({
      launcher: this.context.launcher,
      tool,
      args: initArgs(),
      cwd,
      env: this.environment({ dataDir, pluginCacheDir }),
      folder: stepFolder(this.context.folders.executions, execution.id, epoch, `init-${Date.now()}`),
      timeoutMs,
      signals,
      log,
      output: 'merged',
    });
    await requireExit(`${tool.distribution} init`, result, timeoutMs, [0]);
    // Its lines come before those of the plan.
    await result.text;
  }
}

export function checkoutKey(runId: string, terraformWorkspace: string): string {
  if (terraformWorkspace === 'default') return runId;
  return `${runId}-${createHash('sha256').update(terraformWorkspace).digest('hex').slice(0, 12)}`;
}

/** The run that a checkout belongs to. */
export function runOfCheckout(key: string): string {
  return key.split('-').slice(0, 2).join('-');
}

export function dataDirName(run: RunEntity, execution: ExecutionEntity): string {
  const { directory, terraformWorkspace, name } = execution;
  return createHash('sha256')
    .update(JSON.stringify([run.hostname, run.repository, directory, terraformWorkspace, name]))
    .digest('hex')
    .slice(0, 32);
}
