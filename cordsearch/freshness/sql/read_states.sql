select table_name, newest_change_at, looked_at, seen_event_id
from freshness.source_table;
