-- Locks the partitions of a batch, in one order for all consumers, and says where each stands.
-- A partition seen for the first time starts where the batch says the broker's log starts.
with begun as (
    insert into bronze.stream_offset (topic, "partition", next_offset)
    select
        batch.topic,
        batch.partition_id,
        batch.first_offset
    from unnest(%(topics)s::text[], %(partitions)s::integer[], %(positions)s::bigint[])
        as batch (topic, partition_id, first_offset)
    order by 1, 2
    on conflict (topic, "partition") do update set updated_at = now()
    returning topic, "partition", next_offset
)

select
    topic,
    "partition",
    next_offset
from begun;
