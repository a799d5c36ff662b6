-- Grain: one row per table that a loader has touched. Read from the bookkeeping, so it costs nothing.
select
    source_name,
    table_name,
    status,
    row_count,
    dead_row_count,
    newest_source_ts_ms,
    updated_at
from bronze.ingest_checkpoint
order by table_name, source_name;
