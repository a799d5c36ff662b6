-- A delete event carries the last image bronze has of the row; compaction may have taken it.
insert into bronze.{bronze} (row_key, commit_lsn, change_lsn, source_ts_ms, payload)
select
    gone.row_key,
    %(commit_lsn)s::text,
    case when %(commit_lsn)s::text is not null then 'ffffffff:ffffffff:ffff' end,
    %(source_ts_ms)s,
    jsonb_build_object(
        'op', 'd',
        'before', held.payload -> 'after',
        'after', null,
        'ts_ms', %(source_ts_ms)s::bigint,
        'source', %(source)s::jsonb
    )
from unnest(%(keys)s::bigint[], %(event_ids)s::bigint[]) as gone (row_key, event_id)
left join (
    select event.event_id, event.payload
    from bronze.{bronze} as event
    where event.event_id = any(%(event_ids)s::bigint[])
) as held on held.event_id = gone.event_id
order by gone.row_key;
