-- Grain: one row per table the direct loader has touched, of a warehouse that was never followed.
select
    table_name,
    source_name,
    'snapshot' as method,
    status = 'complete' as complete,
    row_count,
    dead_row_count as refused_count,
    started_at as snapshot_started_at,
    completed_at as snapshot_completed_at,
    to_timestamp(newest_source_ts_ms / 1000.0) as newest_source_at,
    null::timestamptz as caught_up_at,
    null::timestamptz as reconciled_at
from bronze.ingest_checkpoint;
