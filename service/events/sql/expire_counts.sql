-- Forget the counts of days past their time. $1 days that queries are kept, 0: none at all  $2 days for products
with queries as (
    delete from events.query_day
    where $1::integer = 0 or day < (now() at time zone 'UTC')::date - $1
)

delete from events.product_day
where day < (now() at time zone 'UTC')::date - $2::integer
