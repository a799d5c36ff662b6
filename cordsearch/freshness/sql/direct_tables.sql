-- Grain: one row per table the direct loader has touched, of a warehouse that was followed.
select
    loaded.table_name,
    loaded.source_name,
    coalesce(followed.method, 'snapshot') as method,
    loaded.status = 'complete' as complete,
    loaded.row_count,
    loaded.dead_row_count as refused_count,
    loaded.started_at as snapshot_started_at,
    loaded.completed_at as snapshot_completed_at,
    -- the incremental loader writes the begin of each completed pass here
    to_timestamp(loaded.newest_source_ts_ms / 1000.0) as newest_source_at,
    -- what is older than the snapshot speaks of the one before
    case when followed.caught_up_at > loaded.started_at then followed.caught_up_at end as caught_up_at,
    case when followed.reconciled_at > loaded.started_at then followed.reconciled_at end as reconciled_at
from bronze.ingest_checkpoint as loaded
left join bronze.incremental_checkpoint as followed
    -- one of an earlier snapshot says nothing of this one
    on
        loaded.source_name = followed.source_name
        and loaded.table_name = followed.table_name
        and loaded.started_at = followed.snapshot_started_at;
