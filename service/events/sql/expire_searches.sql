-- Forget the oldest searches past their time, a bounded number. $1 how long they are kept  $2 limit
delete from events.search
where search_id in (
    select search_id
    from events.search
    where asked_at < now() - $1::interval
    order by asked_at
    limit $2
)
returning search_id
