-- Grain: one row per product with at least one live analogue. A pair counts in both directions.
with pairs as (
    select
        base_product_id as product_id,
        analogue_product_id
    from {{ ref('current_product_analogue') }}
    where not deleted
    union
    select
        analogue_product_id,
        base_product_id
    from {{ ref('current_product_analogue') }}
    where not deleted
)

select
    pairs.product_id,
    array_agg(pairs.analogue_product_id order by pairs.analogue_product_id) as analogue_product_ids
from pairs
inner join {{ ref('int_live_product') }} as analogue on pairs.analogue_product_id = analogue.product_id
where pairs.product_id <> pairs.analogue_product_id
group by pairs.product_id
