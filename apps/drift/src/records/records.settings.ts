import { setting } from '@terramesh/service';
import { z } from 'zod';

export const recordSettings = {
  driftRetentionDays: setting({
    env: 'TERRAMESH_DRIFT_RETENTION_DAYS',
    schema: z.coerce.number().int().min(1).max(3_650),
    default: 30,
    description: 'How long detections are kept, and the record of a target that nobody looks at any more.',
  }),
};
