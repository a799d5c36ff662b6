-- The bookkeeping that freshness is read from: refused rows, and when everything up to now was applied.
update bronze.ingest_checkpoint
set
    dead_row_count = dead_row_count + %(dead_rows)s,
    newest_source_ts_ms = greatest(newest_source_ts_ms, %(caught_up_ts_ms)s),
    updated_at = now()
where
    source_name = %(source_name)s
    and table_name = %(table_name)s
    and status = 'complete';
