-- What is known of freshness. Times, not ages: ages are counted when somebody reads, so they grow when nobody writes.
create schema if not exists freshness;

-- Grain: one row per source table that a loader or the stream has touched.
create table if not exists freshness.source_table (
    table_name text primary key,
    source_name text not null,
    -- snapshot, stream, or how the direct loader finds changes (change_tracking, rowversion, updated, full_diff)
    method text not null,
    complete boolean not null,
    row_count bigint not null,
    refused_count bigint not null,
    -- the newest change in bronze: when it was committed (stream), when it was read (direct loader)
    newest_change_at timestamptz,
    -- everything committed at the source before this moment is in bronze
    looked_at timestamptz,
    -- changes the source is known to have and bronze has not; null: nobody knows
    rows_behind bigint,
    -- events above the position of the marts, counted up to a bound, and when the oldest of them came to bronze
    unpublished_events bigint not null,
    unpublished_since timestamptz,
    -- newest_change_at holds the events up to this one
    seen_event_id bigint not null
) with (fillfactor = 50);

-- Grain: one row per source table, as everyone reads it: ages in seconds, counted when read, so they grow while nobody
-- observes.
create or replace view freshness.table_age as
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
from freshness.source_table;

-- Grain: one row per completed look of the direct loader that is still needed to say how old an event can be at most:
-- what was committed before began_at was in bronze at finished_at. The watermark does not find rows deleted for good, and
-- a comparison of keys finds nothing else.
create table if not exists freshness.look (
    table_name text not null,
    finished_at timestamptz not null,
    began_at timestamptz not null,
    finds_changes boolean not null,
    finds_deletes boolean not null,
    primary key (table_name, finished_at)
) with (fillfactor = 50);

-- Grain: one row per table the marts read: its events up to event_id belong to a publication that was written down.
create table if not exists freshness.published_position (
    table_name text primary key,
    event_id bigint not null
) with (fillfactor = 50);

-- Grain: one row per refresh that published events. Commit times are the earliest possible ones, so delays counted from
-- them are upper bounds; null when none of the events is a change whose commit time can be bounded (a snapshot).
create table if not exists freshness.publication (
    publication_id bigint generated always as identity primary key,
    published_at timestamptz not null,
    searchable_at timestamptz,
    events bigint not null,
    oldest_commit_at timestamptz,
    median_commit_at timestamptz,
    newest_commit_at timestamptz,
    -- products that waited for their document or vector at published_at; emptied when searchable
    waiting bigint[] not null,
    -- there were too many to note: searchable when no product waits at all
    waits_for_all boolean not null
);
create index if not exists publication_published_at on freshness.publication (published_at);
create index if not exists publication_open on freshness.publication (publication_id) where searchable_at is null;

-- Grain: one row: the rest.
create table if not exists freshness.pipeline (
    only_row boolean primary key default true check (only_row),
    observed_at timestamptz not null,
    products bigint not null default 0,
    waiting bigint not null default 0,
    waiting_since timestamptz,
    dead_letters bigint not null default 0,
    lost_messages bigint not null default 0,
    publications bigint not null default 0,
    published_events bigint not null default 0
) with (fillfactor = 50);
