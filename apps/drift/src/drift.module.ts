import { type DynamicModule, Module } from '@nestjs/common';
import type { ServiceContext } from '@terramesh/service';
import { ContextModule } from './context.module.js';
import { DetectionsModule } from './detections/detections.module.js';
import type { DriftSettings } from './drift.settings.js';
import { NoiseModule } from './noise/noise.module.js';
import { RecordsModule } from './records/records.module.js';
import { RemediationsModule } from './remediations/remediations.module.js';
import { SchedulesModule } from './schedules/schedules.module.js';
import { TellingModule } from './telling/telling.module.js';

const areas = [RecordsModule, DetectionsModule, NoiseModule, RemediationsModule, SchedulesModule, TellingModule];

@Module({})
// biome-ignore lint/complexity/noStaticOnlyClass: the shape of a Nest dynamic module
export class DriftModule {
  /** While drift detection is off there is nothing in it: no database, no operations. */
  static forContext(context: ServiceContext<DriftSettings>): DynamicModule {
    const imports = context.settings.driftDetection ? [ContextModule.forContext(context), ...areas] : [];
    return { module: DriftModule, imports };
  }
}
