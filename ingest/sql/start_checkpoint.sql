-- Begin a table, or begin it again.
insert into bronze.ingest_checkpoint (source_name, table_name, status)
values (%(source_name)s, %(table_name)s, 'running')
on conflict (source_name, table_name) do update
set
    status = 'running',
    last_key = null,
    row_count = 0,
    dead_row_count = 0,
    started_at = now(),
    updated_at = now(),
    completed_at = null;
