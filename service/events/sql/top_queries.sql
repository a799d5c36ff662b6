-- The most searched queries since a day. $1 first day  $2 language asked for, or null  $3 smallest number of searches
-- $4 limit
select
    text,
    sum(searches)::bigint as searches,
    sum(nothing)::bigint as nothing,
    sum(only_similar)::bigint as only_similar,
    sum(clicks)::bigint as clicks,
    sum(searches_with_click)::double precision / greatest(sum(searches), 1) as click_share,
    sum(position_sum)::double precision / nullif(sum(placed_clicks), 0) as average_click_position
from events.query_day
where day >= $1 and ($2::text is null or language = $2)
group by text
having sum(searches) >= greatest($3, 1)
order by searches desc, text asc
limit $4
