select method, position, comparing, diff_key, revision, newest_source_ts_ms, snapshot_started_at
from bronze.incremental_checkpoint
where source_name = %(source_name)s and table_name = %(table_name)s;
