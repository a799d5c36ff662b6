-- Puts the earliest possible commit time of each event of {table} in a range into the temporary table published_event.
-- A change read by the direct loader was committed after the last look that ended before it came to bronze began; a row
-- found gone, after the last look that also finds what was deleted for good. A streamed change says when it was
-- committed. Rows of a snapshot are no changes: their time is unknown.
insert into published_event (commit_at)
select
    case
        when event.topic is not null
            -- rows of Debezium's snapshot have a log position of their read and none of a change
            then case
                when event.commit_lsn is null or event.change_lsn is not null
                    then to_timestamp(event.source_ts_ms / 1000.0)
            end
        when event.loaded_at between %(snapshot_started_at)s and coalesce(%(snapshot_completed_at)s, 'infinity')
            then null
        -- the loader writes the begin of that look beside the change
        when event.payload #>> '{{source,since_ts_ms}}' is not null
            then to_timestamp((event.payload #>> '{{source,since_ts_ms}}')::bigint / 1000.0)
        else (
            select max(look.began_at)
            from freshness.look
            where
                look.table_name = %(table_name)s
                and look.finished_at < event.loaded_at
                and case when event.payload ->> 'op' = 'd' then look.finds_deletes else look.finds_changes end
        )
    end
from {table} as event
where
    event.event_id > %(after)s
    and event.event_id <= %(upto)s
order by event.event_id
limit %(bound)s;
