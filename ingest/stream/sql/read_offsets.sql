select
    stored.topic,
    stored."partition",
    stored.next_offset
from bronze.stream_offset as stored
inner join
    unnest(%(topics)s::text[], %(partitions)s::integer[]) as wanted (topic, partition_id)
    on stored.topic = wanted.topic and stored."partition" = wanted.partition_id;
