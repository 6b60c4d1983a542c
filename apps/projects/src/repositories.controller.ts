import { Controller } from '@nestjs/common';
import { type ParsedInput, repositories } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { AdmitRepository } from './admit-repository.js';

@Controller()
export class RepositoriesController {
  constructor(private readonly admitRepository: AdmitRepository) {}

  @Serve(repositories.admit)
  admit(input: ParsedInput<typeof repositories.admit>) {
    return this.admitRepository.admit(input);
  }
}
