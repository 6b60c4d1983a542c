import { Injectable } from '@nestjs/common';
import { Binding } from './binding.js';
import { Standings } from './standings.js';
import { WorkspaceTags } from './workspace-tags.js';

/** What is needed to create and to change a workspace, beside its row. */
@Injectable()
export class CreationParts {
  constructor(
    readonly binding: Binding,
    readonly standings: Standings,
    readonly tags: WorkspaceTags,
  ) {}
}
