-- The first day of a period that ends today, and its searches. $1 days  $2 language asked for, or null
select
    period.since,
    coalesce(sum(query_day.searches), 0)::bigint as searches
from (select (now() at time zone 'UTC')::date - $1::integer + 1 as since) as period
left join events.query_day
    on query_day.day >= period.since and ($2::text is null or query_day.language = $2)
group by period.since
