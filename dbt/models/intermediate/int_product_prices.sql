-- Grain: one row per product with a price above 0 in a live price list.
-- `price` is the one of the base list (a list that is derived from no other) with the lowest sorting priority; a
-- product that is in no base list takes its first derived price.
with latest_prices as (
    select distinct on (product_id, pricing_id)
        product_id,
        pricing_id,
        price
    from {{ ref('current_product_pricing') }}
    where
        not deleted
        and price > 0
    order by product_id, pricing_id, updated desc, product_pricing_id desc
)

select
    latest_prices.product_id,
    (
        array_agg(
            latest_prices.price
            order by pricing.base_pricing_id is not null, pricing.sorting_priority, pricing.pricing_id
        )
    )[1] as price,
    jsonb_object_agg(latest_prices.pricing_id::text, latest_prices.price) as prices
from latest_prices
inner join {{ ref('current_pricing') }} as pricing using (pricing_id)
where not pricing.deleted
group by latest_prices.product_id
