select
    table_name,
    source_name,
    method,
    complete,
    row_count,
    refused_count,
    newest_change_at,
    looked_at,
    rows_behind,
    unpublished_events,
    unpublished_since,
    seen_event_id
from freshness.source_table;
