import { Controller } from '@nestjs/common';
import { access, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { Identify } from './identify.js';

@Controller()
export class AccessController {
  constructor(private readonly identifyCaller: Identify) {}

  @Serve(access.identify)
  identify(input: ParsedInput<typeof access.identify>) {
    return this.identifyCaller.identify(input);
  }
}
