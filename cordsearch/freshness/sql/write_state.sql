insert into freshness.source_table (
    table_name, source_name, method, complete, row_count, refused_count, newest_change_at, looked_at, rows_behind,
    unpublished_events, unpublished_since, seen_event_id
)
values (
    %(table_name)s, %(source_name)s, %(method)s, %(complete)s, %(row_count)s, %(refused_count)s,
    %(newest_change_at)s, %(looked_at)s, %(rows_behind)s, %(unpublished_events)s, %(unpublished_since)s,
    %(seen_event_id)s
)
on conflict (table_name) do update
set
    source_name = excluded.source_name,
    method = excluded.method,
    complete = excluded.complete,
    row_count = excluded.row_count,
    refused_count = excluded.refused_count,
    newest_change_at = excluded.newest_change_at,
    looked_at = excluded.looked_at,
    rows_behind = excluded.rows_behind,
    unpublished_events = excluded.unpublished_events,
    unpublished_since = excluded.unpublished_since,
    seen_event_id = excluded.seen_event_id;
