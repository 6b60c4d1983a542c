import { Injectable } from '@nestjs/common';
import { findTool, type Tool, ToolMissingError } from '@terramesh/terraform';
import { RunsContext } from '../context.js';
import { ExecutionFailed } from './failure.js';

/** The Terraform or OpenTofu of this machine, looked up once it is found. */
@Injectable()
export class Tools {
  private found: Promise<Tool> | undefined;

  constructor(private readonly context: RunsContext) {}

  /** Throws ExecutionFailed when there is none; the next call looks again. */
  async get(): Promise<Tool> {
    const { environment, settings } = this.context;
    this.found ??= findTool({ preference: settings.toolPreference, path: environment.PATH ?? '' });
    try {
      return await this.found;
    } catch (error) {
      this.found = undefined;
      if (error instanceof ToolMissingError) throw new ExecutionFailed(error.message);
      throw error;
    }
  }
}
