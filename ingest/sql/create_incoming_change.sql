-- One page of source rows on its way into bronze.
create temporary table if not exists incoming_change (
    row_key bigint not null,
    source_ts_ms bigint not null,
    payload jsonb not null
) on commit delete rows;
