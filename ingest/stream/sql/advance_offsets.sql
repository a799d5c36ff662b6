-- The partitions are locked by lock_offsets.sql in the same transaction.
update bronze.stream_offset as stored
set
    next_offset = batch.next_offset,
    end_offset = greatest(batch.end_offset, batch.next_offset),
    event_count = stored.event_count + batch.events,
    ignored_count = stored.ignored_count + batch.ignored,
    dead_letter_count = stored.dead_letter_count + batch.dead_letters,
    newest_source_ts_ms = greatest(stored.newest_source_ts_ms, batch.newest_source_ts_ms),
    updated_at = now()
from
    unnest(
        %(topics)s::text[], %(partitions)s::integer[], %(next_offsets)s::bigint[], %(end_offsets)s::bigint[],
        %(events)s::bigint[], %(ignored)s::bigint[], %(dead_letters)s::bigint[], %(newest_source_ts_ms)s::bigint[]
    ) as batch (
        topic, partition_id, next_offset, end_offset, events, ignored, dead_letters, newest_source_ts_ms
    )
where
    stored.topic = batch.topic
    and stored."partition" = batch.partition_id;
