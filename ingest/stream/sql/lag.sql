-- Grain: one row per partition the stream has read. Read from the bookkeeping, so it costs nothing.
select
    topic,
    "partition",
    next_offset,
    greatest(end_offset - next_offset, 0) as lag,
    event_count,
    ignored_count,
    dead_letter_count,
    lost_count,
    newest_source_ts_ms,
    updated_at
from bronze.stream_offset
order by topic, "partition";
