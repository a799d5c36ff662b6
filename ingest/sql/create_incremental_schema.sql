-- The bookkeeping of the incremental loader. Safe to run again.
-- One row per source table: what was seen up to now. Written in the transaction that writes the rows.
create table if not exists bronze.incremental_checkpoint (
    source_name text not null,
    table_name text not null,
    -- how changes are found; position is a moment, a version or a rowversion accordingly
    method text not null check (method in ('change_tracking', 'rowversion', 'updated', 'full_diff')),
    position text,
    -- a comparison of the whole table is under way; every key up to diff_key is compared
    comparing boolean not null,
    diff_key bigint,
    -- counts the writes, so that one writer notices another
    revision bigint not null default 0,
    -- no later event of this table may carry an earlier time: staging orders by it
    newest_source_ts_ms bigint not null default 0,
    -- which snapshot the remembered hashes go back to
    snapshot_started_at timestamptz not null,
    updated_at timestamptz not null default now(),
    caught_up_at timestamptz,
    reconciled_at timestamptz,
    primary key (source_name, table_name)
);
