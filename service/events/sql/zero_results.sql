-- The queries that most often found nothing, or only what is near in meaning, since a day.
-- $1 first day  $2 language asked for, or null  $3 smallest number of searches  $4 limit
select
    text,
    sum(searches)::bigint as searches,
    sum(nothing)::bigint as nothing,
    sum(only_similar)::bigint as only_similar,
    max(day) filter (where nothing + only_similar > 0) as last_day
from events.query_day
where day >= $1 and ($2::text is null or language = $2)
group by text
having sum(nothing + only_similar) > 0 and sum(searches) >= $3
order by sum(nothing) + sum(only_similar) desc, sum(nothing) desc, text asc
limit $4
