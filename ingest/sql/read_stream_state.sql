-- What the stream left in a table: the newest log position and time, and whether it wrote since bronze was last
-- remembered (the newest event of a key, in staging's order, is the stream's and not the one that is known).
with newest as (
    select distinct on (event.row_key)
        event.row_key,
        event.event_id,
        event.topic,
        event.payload ->> 'op' as op
    from bronze.{bronze} as event
    where event.row_key in (select streamed.row_key from bronze.{bronze} as streamed where streamed.topic is not null)
    order by
        event.row_key asc,
        coalesce(event.commit_lsn, '') collate "C" desc,
        coalesce(event.change_lsn, '') collate "C" desc,
        coalesce(event.event_serial_no, 0) desc,
        event.source_ts_ms desc,
        event.event_id desc
),

reached as (
    select
        max(event.commit_lsn collate "C") as commit_lsn,
        max(event.source_ts_ms) as source_ts_ms
    from bronze.{bronze} as event
)

select
    reached.commit_lsn,
    reached.source_ts_ms,
    exists (
        select
        from newest
        left join bronze.{state} as known on newest.row_key = known.row_key
        where
            newest.topic is not null
            and case
                when newest.op = 'd' then known.row_key is not null
                else known.event_id is distinct from newest.event_id
            end
    ) as wrote
from reached;
