-- Grain: one row per partition the stream has read.
select
    topic,
    end_offset - next_offset as behind,
    to_timestamp(newest_source_ts_ms / 1000.0) as newest_source_at,
    updated_at,
    event_count,
    lost_count
from bronze.stream_offset;
