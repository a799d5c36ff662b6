-- The broker deleted messages (retention) before they were read: move past them and remember how many.
insert into bronze.stream_offset (topic, "partition", next_offset, lost_count)
values (%(topic)s, %(partition)s, %(next_offset)s, %(lost)s)
on conflict (topic, "partition") do update
set
    lost_count = bronze.stream_offset.lost_count + excluded.lost_count,
    next_offset = excluded.next_offset,
    updated_at = now()
where bronze.stream_offset.next_offset < excluded.next_offset;
