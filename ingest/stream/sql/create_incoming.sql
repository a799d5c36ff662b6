-- Where a batch waits that may hold rows bronze has already; gone with the transaction.
create temporary table incoming_event (
    row_key bigint not null,
    commit_lsn text,
    change_lsn text,
    event_serial_no bigint,
    source_ts_ms bigint not null,
    topic text,
    "partition" integer,
    "offset" bigint,
    payload jsonb not null
) on commit drop;
