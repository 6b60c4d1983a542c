import type { FollowUp } from '@terramesh/contracts';
import type { Transaction } from './transaction.js';

/**
 * What the schedule of a detection wants done about drift by now: nothing when it was deleted, or paused since the
 * detection began. Undefined when no schedule began it.
 */
export async function followUpNow(tx: Transaction, detectionId: string): Promise<FollowUp | undefined> {
  const [row] = await tx.query<{ followUp: FollowUp }[]>(
    `select case when s.id is null
         or s.state = 'paused' and (s.updated_at > d.started_at or s.last_detection_id is distinct from d.id)
       then 'nothing' else s.follow_up end as "followUp"
     from detections d left join schedules s on s.id = d.schedule_id
     where d.id = $1 and d.schedule_id is not null`,
    [detectionId],
  );
  return row?.followUp;
}
