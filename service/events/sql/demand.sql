-- The most wanted products; service/events/demand.py has the formula in words.
-- $1 half-life in days  $2 days remembered  $3 worth of a click  $4 of a cart  $5 of a purchase
-- $6 the sum at which demand is one half  $7 limit
with worth as (
    select
        product_id,
        sum(
            ln(1 + $3::double precision * clicks + $4::double precision * carts + $5::double precision * purchases)
            * power(0.5, ((now() at time zone 'UTC')::date - day) / $1::double precision)
        ) as decayed
    from events.product_day
    where
        day > (now() at time zone 'UTC')::date - $2::integer
        and clicks + carts + purchases > 0
    group by product_id
)

select
    product_id,
    decayed / (decayed + $6::double precision) as demand
from worth
order by decayed desc, product_id asc
limit $7
