-- Queries that were searched often enough and mostly found something, the most searched of late first.
-- $1 half-life in days  $2 smallest number of searches  $3 limit
select
    text,
    sum(searches * power(0.5, ((now() at time zone 'UTC')::date - day) / $1::double precision)) as weight
from events.query_day
group by text
having sum(searches) >= $2 and 2 * sum(found) > sum(searches)
order by weight desc, text asc
limit $3
