-- Begin to follow a table, at once or by comparing all of it.
-- Compare and set, unless the table was never begun (revision null).
insert into bronze.incremental_checkpoint as stored (
    source_name, table_name, method, position, comparing, newest_source_ts_ms, snapshot_started_at
)
values (
    %(source_name)s, %(table_name)s, %(method)s, %(position)s, %(comparing)s, %(newest_source_ts_ms)s,
    %(snapshot_started_at)s
)
on conflict (source_name, table_name) do update
set
    method = excluded.method,
    position = excluded.position,
    comparing = excluded.comparing,
    diff_key = null,
    revision = stored.revision + 1,
    newest_source_ts_ms = greatest(stored.newest_source_ts_ms, excluded.newest_source_ts_ms),
    snapshot_started_at = excluded.snapshot_started_at,
    updated_at = now()
where stored.revision = %(expected_revision)s
returning method, position, comparing, diff_key, revision, newest_source_ts_ms, snapshot_started_at;
