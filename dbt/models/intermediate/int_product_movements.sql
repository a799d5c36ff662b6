-- Grain: one row per product that was ever reserved, transferred or received.
-- A released (soft-deleted) reservation was demand all the same, so it counts; deleted documents do not.
with income_items as (
    select
        income_item.product_income_item_id,
        income.from_date,
        capitalization_item.product_id
    from {{ ref('stg_product_income_item') }} as income_item
    inner join {{ ref('stg_product_income') }} as income using (product_income_id)
    left join {{ ref('stg_product_capitalization_item') }} as capitalization_item using (product_capitalization_item_id)
    where
        not income_item.deleted
        and not income.deleted
),

-- an income line names no product: the capitalization line or the placement it was put into does
placed_items as (
    select
        product_income_item_id,
        min(product_id) as product_id
    from {{ ref('stg_product_placement') }}
    where
        not deleted
        and product_income_item_id is not null
    group by product_income_item_id
),

events as (
    select
        availability.product_id,
        1 as reservations,
        0 as transfers,
        0 as incomes,
        null::timestamp as income_date
    from {{ ref('stg_product_reservation') }} as reservation
    inner join {{ ref('stg_product_availability') }} as availability using (product_availability_id)
    union all
    select
        product_id,
        0,
        1,
        0,
        null
    from {{ ref('stg_product_transfer_item') }}
    where not deleted
    union all
    select
        coalesce(income_items.product_id, placed_items.product_id),
        0,
        0,
        1,
        income_items.from_date
    from income_items
    left join placed_items using (product_income_item_id)
)

select
    product_id,
    sum(reservations)::integer as reservation_count,
    sum(transfers)::integer as transfer_count,
    sum(incomes)::integer as income_count,
    max(income_date) as last_income
from events
where product_id is not null
group by product_id
