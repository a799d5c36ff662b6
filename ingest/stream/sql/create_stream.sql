-- The bookkeeping of the stream. Safe to run again.
create schema if not exists bronze;

-- Grain: one row per partition. next_offset is the first offset that is not in bronze yet; it is written in the
-- transaction that writes the rows, and it alone decides where reading goes on.
create table if not exists bronze.stream_offset (
    topic text not null,
    "partition" integer not null,
    next_offset bigint not null,
    end_offset bigint,
    event_count bigint not null default 0,
    ignored_count bigint not null default 0,
    dead_letter_count bigint not null default 0,
    lost_count bigint not null default 0,
    newest_source_ts_ms bigint,
    updated_at timestamptz not null default now(),
    primary key (topic, "partition")
) with (fillfactor = 50);

-- Grain: one row per message that could not become a bronze row; replayed_at is set once it did.
create table if not exists bronze.dead_letter (
    dead_letter_id bigint generated always as identity primary key,
    topic text not null,
    "partition" integer not null,
    "offset" bigint not null,
    key bytea,
    value bytea,
    message_ts_ms bigint not null,
    reason text not null,
    tries integer not null default 1,
    created_at timestamptz not null default now(),
    replayed_at timestamptz,
    unique (topic, "partition", "offset")
);
