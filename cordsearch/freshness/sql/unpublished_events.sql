-- Events of {table} above the position of the marts, counted up to a bound. One row.
select
    count(*) as events,
    min(loaded_at) as since
from (
    select loaded_at
    from {table}
    where event_id > %(position)s
    order by event_id
    limit %(bound)s
) as event;
