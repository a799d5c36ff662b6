-- Delete events past the retention that still carry the row they deleted. Staging needs of them only that they are there.
create temporary table chosen_event as
select
    event.ctid as place,
    event.event_id,
    row_number() over (order by event.ctid) as number
from bronze.{bronze} as event
where
    event.loaded_at < %(before)s
    and event.payload ->> 'op' = 'd'
    and jsonb_typeof(event.payload -> 'before') = 'object';
