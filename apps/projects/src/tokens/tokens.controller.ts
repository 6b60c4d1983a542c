import { Controller } from '@nestjs/common';
import { type ParsedInput, tokens } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { FindTokens } from './find-tokens.js';
import { WriteTokens } from './write-tokens.js';

@Controller()
export class TokensController {
  constructor(
    private readonly find: FindTokens,
    private readonly write: WriteTokens,
  ) {}

  @Serve(tokens.list)
  list(input: ParsedInput<typeof tokens.list>) {
    return this.find.list(input);
  }

  @Serve(tokens.create)
  create(input: ParsedInput<typeof tokens.create>) {
    return this.write.create(input);
  }

  @Serve(tokens.showSingle)
  showSingle(input: ParsedInput<typeof tokens.showSingle>) {
    return this.find.showSingle(input);
  }

  @Serve(tokens.deleteSingle)
  deleteSingle(input: ParsedInput<typeof tokens.deleteSingle>) {
    return this.write.deleteSingle(input);
  }

  @Serve(tokens.show)
  show(input: ParsedInput<typeof tokens.show>) {
    return this.find.show(input);
  }

  @Serve(tokens.delete)
  delete(input: ParsedInput<typeof tokens.delete>) {
    return this.write.delete(input);
  }
}
