-- Events that staging will never show again: another event of their key stands after them in staging's order
-- (dbt/macros/latest_rows.sql), and they arrived before the retention. Numbered in the order of the file.
--
-- A dropped event may be told again (a replay from the start) and then gets a new event_id. It must lose all the same:
-- so one that only event_id puts below the newest stays, if it comes from the stream and says something else.
create temporary table chosen_event as
select
    ordered.place,
    ordered.event_id,
    row_number() over (order by ordered.place) as number
from (
    select
        event.ctid as place,
        event.event_id,
        event.topic,
        event.loaded_at,
        row_number() over by_arrival as from_newest,
        rank() over by_position as position_from_newest,
        first_value(event.ctid) over by_arrival as newest_place
    from bronze.{bronze} as event
    where
        event.row_key in (
            select several.row_key
            from bronze.{bronze} as several
            group by several.row_key
            having count(*) > 1
        )
    window
        by_position as (
            partition by event.row_key
            order by
                coalesce(event.commit_lsn, '') collate "C" desc,
                coalesce(event.change_lsn, '') collate "C" desc,
                coalesce(event.event_serial_no, 0) desc,
                event.source_ts_ms desc
        ),
        by_arrival as (
            partition by event.row_key
            order by
                coalesce(event.commit_lsn, '') collate "C" desc,
                coalesce(event.change_lsn, '') collate "C" desc,
                coalesce(event.event_serial_no, 0) desc,
                event.source_ts_ms desc,
                event.event_id desc
        )
) as ordered
where
    ordered.from_newest > 1
    and ordered.loaded_at < %(before)s
    and (
        ordered.position_from_newest > 1
        or ordered.topic is null
        or (
            select told.payload -> 'after'
            from bronze.{bronze} as told
            where told.ctid = ordered.place
        ) is not distinct from (
            select newest.payload -> 'after'
            from bronze.{bronze} as newest
            where newest.ctid = ordered.newest_place
        )
    );
