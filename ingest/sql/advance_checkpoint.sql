-- Compare and set: no row comes back when another loader has moved this table meanwhile.
update bronze.ingest_checkpoint
set
    last_key = %(last_key)s,
    row_count = row_count + %(rows)s,
    dead_row_count = dead_row_count + %(dead_rows)s,
    newest_source_ts_ms = greatest(newest_source_ts_ms, %(source_ts_ms)s),
    updated_at = now()
where
    source_name = %(source_name)s
    and table_name = %(table_name)s
    and status = 'running'
    and last_key is not distinct from %(expected_key)s
returning status, last_key, row_count, dead_row_count;
