-- Grain: one row per product that was ever reserved, transferred or received.
-- A released (soft-deleted) reservation was demand all the same, so it counts; deleted documents do not.
with income_items as not materialized (
    select
        income_item.product_income_item_id,
        income.from_date,
        income_item.product_capitalization_item_id
    from {{ ref('current_product_income_item') }} as income_item
    inner join {{ ref('current_product_income') }} as income using (product_income_id)
    where
        not income_item.deleted
        and not income.deleted
),

-- An income line names no product: the capitalization line does, or else the placement it was put into (of several the
-- one with the lowest product_id). Both are asked from the product's side, so that one product can be looked up alone.
capitalized as not materialized (
    select
        product_capitalization_item_id,
        product_id
    from {{ ref('current_product_capitalization_item') }}
    where product_id is not null
),

placed as not materialized (
    select distinct
        product_id,
        product_income_item_id
    from {{ ref('current_product_placement') }}
    where not deleted
),

events as (
    select
        availability.product_id,
        1 as reservations,
        0 as transfers,
        0 as incomes,
        null::timestamp as income_date
    from {{ ref('current_product_reservation') }} as reservation
    inner join {{ ref('current_product_availability') }} as availability using (product_availability_id)
    union all
    select
        product_id,
        0,
        1,
        0,
        null
    from {{ ref('current_product_transfer_item') }}
    where not deleted
    union all
    select
        capitalized.product_id,
        0,
        0,
        1,
        income_items.from_date
    from capitalized
    inner join income_items using (product_capitalization_item_id)
    union all
    select
        placed.product_id,
        0,
        0,
        1,
        income_items.from_date
    from placed
    inner join income_items using (product_income_item_id)
    where
        not exists (
            select
            from capitalized
            where capitalized.product_capitalization_item_id = income_items.product_capitalization_item_id
        )
        and not exists (
            select
            from {{ ref('current_product_placement') }} as lower_placement
            where
                lower_placement.product_income_item_id = placed.product_income_item_id
                and lower_placement.product_id < placed.product_id
                and not lower_placement.deleted
        )
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
