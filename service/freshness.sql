-- Grain: one row per source table. Ages are counted now, so they grow while nobody observes.
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
    extract(epoch from now() - newest_change_at)::float8 as newest_change_age,
    extract(epoch from now() - looked_at)::float8 as look_age,
    extract(epoch from now() - unpublished_since)::float8 as unpublished_age
from freshness.source_table
order by table_name
