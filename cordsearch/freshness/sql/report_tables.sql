-- Grain: one row per source table, ages in seconds counted now.
select
    source_name,
    table_name,
    method,
    complete,
    row_count,
    refused_count,
    newest_change_at,
    looked_at,
    rows_behind,
    unpublished_events,
    extract(epoch from now() - newest_change_at)::float8 as newest_change_age_seconds,
    extract(epoch from now() - looked_at)::float8 as look_age_seconds,
    extract(epoch from now() - unpublished_since)::float8 as unpublished_age_seconds
from freshness.source_table
order by table_name;
