-- Newest last, as they came. The value is shown, not interpreted.
select
    dead_letter_id,
    topic,
    "partition",
    "offset",
    key,
    value,
    message_ts_ms,
    reason,
    tries,
    created_at,
    replayed_at
from bronze.dead_letter
where
    (%(replayed)s or replayed_at is null)
    and (%(ids)s::bigint[] is null or dead_letter_id = any(%(ids)s::bigint[]))
    and (%(topic)s::text is null or topic = %(topic)s::text)
    and dead_letter_id > %(after)s
order by dead_letter_id
limit %(limit)s;
