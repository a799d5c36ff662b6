-- The newest image of every row in staging's order (dbt/macros/latest_rows.sql), without the deleted ones.
-- md5, not jsonb_hash: that one rotates and xors, so two flags 16 columns apart that flip together cancel out.
insert into bronze.{state} (row_key, content_hash, event_id)
select
    newest.row_key,
    newest.content_hash,
    newest.event_id
from (
    select distinct on (event.row_key)
        event.row_key,
        event.event_id,
        event.payload ->> 'op' as op,
        md5((event.payload -> 'after')::text)::uuid as content_hash
    from bronze.{bronze} as event
    order by
        event.row_key asc,
        coalesce(event.commit_lsn, '') collate "C" desc,
        coalesce(event.change_lsn, '') collate "C" desc,
        coalesce(event.event_serial_no, 0) desc,
        event.source_ts_ms desc,
        event.event_id desc
) as newest
where newest.op <> 'd';
