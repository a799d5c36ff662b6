-- Rows whose content differs from what bronze last holds become events; the others were only seen again.
with arrived as (
    select
        incoming.row_key,
        incoming.source_ts_ms,
        incoming.payload,
        known.content_hash as known_hash,
        md5((incoming.payload -> 'after')::text)::uuid as content_hash
    from pg_temp.incoming_change as incoming
    left join bronze.{state} as known on known.row_key = incoming.row_key
),

-- The source does not say when a change was committed. It was after the begin of the last pass that is complete, or
-- else of the snapshot: what was there before is known. Freshness counts from there (docs/freshness.md).
looked as (
    select
        case
            when followed.caught_up_at > loaded.started_at then loaded.newest_source_ts_ms
            else floor(extract(epoch from loaded.started_at) * 1000)::bigint
        end as since_ts_ms
    from bronze.ingest_checkpoint as loaded
    inner join bronze.incremental_checkpoint as followed
        on loaded.source_name = followed.source_name and loaded.table_name = followed.table_name
    where
        loaded.source_name = %(source_name)s
        and loaded.table_name = %(table_name)s
),

appended as (
    insert into bronze.{bronze} (row_key, commit_lsn, change_lsn, source_ts_ms, payload)
    select
        arrived.row_key,
        -- after everything of that commit, before every later one
        %(commit_lsn)s::text,
        case when %(commit_lsn)s::text is not null then 'ffffffff:ffffffff:ffff' end,
        arrived.source_ts_ms,
        jsonb_set(
            case when arrived.known_hash is null then jsonb_set(arrived.payload, '{{op}}', '"c"') else arrived.payload end,
            '{{source,since_ts_ms}}',
            coalesce((select to_jsonb(since_ts_ms) from looked), 'null')
        )
    from arrived
    where arrived.known_hash is distinct from arrived.content_hash
    order by arrived.row_key
    returning row_key, event_id, payload ->> 'op' as op
),

remembered as (
    insert into bronze.{state} (row_key, content_hash, event_id)
    select
        appended.row_key,
        arrived.content_hash,
        appended.event_id
    from appended
    inner join arrived on arrived.row_key = appended.row_key
    on conflict (row_key) do update
    set
        content_hash = excluded.content_hash,
        event_id = excluded.event_id
    returning row_key
)

select
    count(*) filter (where op = 'c') as created,
    count(*) filter (where op = 'u') as updated
from appended;
