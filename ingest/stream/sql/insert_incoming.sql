-- {table} comes from the registry. Sorted, so that two batches with the same rows wait for each other in one order.
insert into bronze.{table} (
    row_key, commit_lsn, change_lsn, event_serial_no, source_ts_ms, topic, "partition", "offset", payload
)
select
    row_key,
    commit_lsn,
    change_lsn,
    event_serial_no,
    source_ts_ms,
    topic,
    "partition",
    "offset",
    payload
from incoming_event
order by topic, "partition", "offset"
on conflict (topic, "partition", "offset") where topic is not null do nothing;
