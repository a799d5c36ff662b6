select status = 'complete' as complete, started_at, coalesce(newest_source_ts_ms, 0) as newest_source_ts_ms
from bronze.ingest_checkpoint
where source_name = %(source_name)s and table_name = %(table_name)s;
