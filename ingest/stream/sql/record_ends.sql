-- Where the broker's log ends now, so that the lag is known while nothing is written.
update bronze.stream_offset as stored
set
    end_offset = greatest(seen.end_offset, stored.next_offset),
    updated_at = now()
from unnest(%(topics)s::text[], %(partitions)s::integer[], %(end_offsets)s::bigint[])
    as seen (topic, partition_id, end_offset)
where
    stored.topic = seen.topic
    and stored."partition" = seen.partition_id;
