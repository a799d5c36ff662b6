select status, last_key, row_count, dead_row_count
from bronze.ingest_checkpoint
where source_name = %(source_name)s and table_name = %(table_name)s;
