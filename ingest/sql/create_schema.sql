-- The bookkeeping of the loaders. Safe to run again.
create schema if not exists bronze;

-- One row per source table: how far its load has come. Written in the transaction that writes the rows.
create table if not exists bronze.ingest_checkpoint (
    source_name text not null,
    table_name text not null,
    status text not null check (status in ('running', 'complete')),
    last_key bigint,
    row_count bigint not null default 0,
    dead_row_count bigint not null default 0,
    newest_source_ts_ms bigint,
    started_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    completed_at timestamptz,
    primary key (source_name, table_name)
);

-- Source rows that no jsonb can hold, kept with the reason so that nothing is lost in silence.
create table if not exists bronze.dead_row (
    dead_row_id bigint generated always as identity primary key,
    source_name text not null,
    table_name text not null,
    row_key text not null,
    column_name text not null,
    reason text not null,
    raw text not null,
    recorded_at timestamptz not null default now()
);
