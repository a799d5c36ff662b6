-- The newest events of {table} above the ones seen before. One row.
select
    max(event_id) as seen_event_id,
    to_timestamp(max(source_ts_ms) / 1000.0) as newest_change_at
from {table}
where event_id > %(after)s;
