-- A table that the stream filled needs no snapshot: the comparison that follows reads every row of it anyway.
insert into bronze.ingest_checkpoint (source_name, table_name, status, completed_at)
values (%(source_name)s, %(table_name)s, 'complete', now())
on conflict (source_name, table_name) do update
set
    status = 'complete',
    updated_at = now(),
    completed_at = now();
