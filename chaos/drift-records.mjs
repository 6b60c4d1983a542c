// What the database knows of drift, read from outside of the product.

/** @param sql runs a query and resolves to its rows */
export function driftRecords(sql) {
  return {
    /** What still goes on, or is still to be recorded. */
    unsettled: async () => {
      const [row] = await sql(`select
        (select count(*)::int from drift.detections where completed_at is null) as "unfinished detections",
        (select count(*)::int from drift.remediations where completed_at is null) as "unfinished remediations",
        (select count(*)::int from drift.schedules where starting_turn is not null) as "turns of schedules on their way",
        (select count(*)::int from drift.schedules where last_status in ('pending', 'running'))
          as "schedules that do not know the end of their turn",
        (select count(*)::int from runs.run where status = 'finished' and pull is null
          and id not in (select run_id from drift.recorded_runs)) as "finished runs without a record"`);
      return row;
    },
    facts: async () => ({
      detections: await sql(`select id, status, run_id as "runId", idempotency_key as key, schedule_id as "scheduleId",
        failed_targets as failed, error from drift.detections order by number`),
      detected: await sql(`select detection_id as id, target->>'directory' as directory, error,
        (counts->>'hasDrift')::boolean as "hasDrift" from drift.detection_targets`),
      remediations: await sql(`select id, origin, action, status, run_id as "runId", idempotency_key as key, error,
        (select count(*)::int from drift.messages
          where kind = 'remediation.finished' and message->>'remediationId' = remediations.id::text) as told
        from drift.remediations order by number`),
      remediated: await sql(`select remediation_id as id, directory, part, status, applied, error
        from drift.remediation_targets`),
      claims: await sql('select claim, remediation_id as id from drift.remediation_claims'),
      records: await sql(`select directory, ref, has_drift as "hasDrift", run_id as "runId",
        extract(epoch from last_checked_at)::float8 * 1000 as "checkedAt" from drift.records`),
      /** Every successful look at a target that the runs tell of. */
      looks: await sql(`select execution.id, run_id as "runId", directory, run.ref, state,
        extract(epoch from execution.finished_at)::float8 * 1000 as at
        from runs.execution join runs.run on run.id = run_id
        where run.status = 'finished' and state in ('planned', 'no_changes', 'applied')`),
    }),
  };
}
