-- One append-only table of change events; {table} and {index} come from the registry.
-- toast_tuple_target keeps rows up to 8 kB in line and uncompressed: compressing (pglz) costs the load,
-- and decompressing costs staging once per extracted column.
create table if not exists bronze.{table} (
    event_id bigint generated always as identity,
    row_key bigint not null,
    commit_lsn text,
    change_lsn text,
    event_serial_no bigint,
    source_ts_ms bigint not null,
    topic text,
    "partition" integer,
    "offset" bigint,
    payload jsonb not null,
    loaded_at timestamptz not null default now()
) with (toast_tuple_target = 8160);

create unique index if not exists {index} on bronze.{table} (topic, "partition", "offset") where topic is not null;
