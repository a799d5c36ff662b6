-- Forget the oldest events past their time, a bounded number. $1 how long they are kept  $2 limit
delete from events.event
where event_id in (
    select event_id
    from events.event
    where received_at < now() - $1::interval
    order by received_at
    limit $2
)
returning event_id
