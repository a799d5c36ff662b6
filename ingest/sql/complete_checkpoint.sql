-- The table is read to its end; newest_source_ts_ms moves even when the table is empty.
update bronze.ingest_checkpoint
set
    status = 'complete',
    newest_source_ts_ms = greatest(newest_source_ts_ms, %(source_ts_ms)s),
    updated_at = now(),
    completed_at = now()
where
    source_name = %(source_name)s
    and table_name = %(table_name)s
    and status = 'running'
    and last_key is not distinct from %(expected_key)s
returning status, last_key, row_count, dead_row_count;
