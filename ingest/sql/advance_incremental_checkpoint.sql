-- Compare and set: no row comes back when another loader has moved this table meanwhile.
update bronze.incremental_checkpoint
set
    position = %(position)s,
    comparing = %(comparing)s,
    diff_key = %(diff_key)s,
    revision = revision + 1,
    newest_source_ts_ms = greatest(newest_source_ts_ms, %(newest_source_ts_ms)s),
    updated_at = now(),
    caught_up_at = case when %(caught_up)s then now() else caught_up_at end,
    reconciled_at = case when %(reconciled)s then now() else reconciled_at end
where
    source_name = %(source_name)s
    and table_name = %(table_name)s
    and revision = %(expected_revision)s
returning method, position, comparing, diff_key, revision, newest_source_ts_ms, snapshot_started_at;
