-- Moves with everything the stream writes, in the transaction that writes it; a handful of rows, unlike bronze.
select array[
    (select count(*) from bronze.stream_offset),
    (select coalesce(sum(event_count), 0)::bigint from bronze.stream_offset),
    (select coalesce(sum(next_offset), 0)::bigint from bronze.stream_offset),
    (select count(replayed_at) from bronze.dead_letter)
];
