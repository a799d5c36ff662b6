{{
    config(
        full_refresh=false,
        primary_key=['table_name']
    )
}}

-- Grain: one row per source table the marts read: the event id up to which all events are in current_<table>.
-- Unlogged like those tables: a crash of the server empties them together, and the next run builds them whole again.
select
    null::text as table_name,
    null::bigint as event_id,
    -- an event id that becomes the position when the transactions in holders have ended (macro follow_source)
    null::bigint as candidate,
    null::text[] as holders,
    -- current_<table> was built whole: nobody knows what changed, every product is touched
    null::boolean as rebuilt,
    -- version of the dbt project whose complete run built it
    null::text as built_by
where false
