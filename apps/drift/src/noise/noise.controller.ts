import { Controller } from '@nestjs/common';
import { driftNoise, type ParsedInput } from '@terramesh/contracts';
import { Serve } from '@terramesh/mesh';
import { CareForRecord } from './care-for-record.js';
import { KeepRules } from './keep-rules.js';

@Controller()
export class NoiseController {
  constructor(
    private readonly careForRecord: CareForRecord,
    private readonly keepRules: KeepRules,
  ) {}

  @Serve(driftNoise.acknowledge)
  acknowledge(input: ParsedInput<typeof driftNoise.acknowledge>) {
    return this.careForRecord.acknowledge(input);
  }

  @Serve(driftNoise.unacknowledge)
  unacknowledge({ id }: ParsedInput<typeof driftNoise.unacknowledge>) {
    return this.careForRecord.unacknowledge(id);
  }

  @Serve(driftNoise.snooze)
  snooze(input: ParsedInput<typeof driftNoise.snooze>) {
    return this.careForRecord.snooze(input);
  }

  @Serve(driftNoise.setOwner)
  setOwner(input: ParsedInput<typeof driftNoise.setOwner>) {
    return this.careForRecord.setOwner(input);
  }

  @Serve(driftNoise.createRule)
  createRule(input: ParsedInput<typeof driftNoise.createRule>) {
    return this.keepRules.create(input);
  }

  @Serve(driftNoise.getRule)
  getRule({ id }: ParsedInput<typeof driftNoise.getRule>) {
    return this.keepRules.get(id);
  }

  @Serve(driftNoise.replaceRule)
  replaceRule(input: ParsedInput<typeof driftNoise.replaceRule>) {
    return this.keepRules.replace(input);
  }

  @Serve(driftNoise.deleteRule)
  deleteRule({ id }: ParsedInput<typeof driftNoise.deleteRule>) {
    return this.keepRules.delete(id);
  }

  @Serve(driftNoise.listRules)
  listRules(input: ParsedInput<typeof driftNoise.listRules>) {
    return this.keepRules.list(input);
  }
}
