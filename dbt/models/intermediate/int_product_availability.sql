-- Grain: one row per product with a stock row in a sellable storage (live, not for defective goods).
-- What is reserved in one storage does not lessen the stock of another, so the floor of 0 applies per storage.
with sellable as not materialized (
    select
        availability.product_availability_id,
        availability.product_id,
        availability.storage_id,
        availability.amount
    from {{ ref('current_product_availability') }} as availability
    inner join {{ ref('current_storage') }} as storage using (storage_id)
    where
        not availability.deleted
        and not storage.deleted
        and not storage.for_defective
),

-- numeric, because the sum of floats depends on the order of its rows, and row hashes on the sum
entries as (
    select
        product_id,
        storage_id,
        amount::numeric as quantity
    from sellable
    union all
    select
        sellable.product_id,
        sellable.storage_id,
        -reservation.qty::numeric
    from sellable
    inner join {{ ref('current_product_reservation') }} as reservation using (product_availability_id)
    where not reservation.deleted
),

stock as (
    select
        product_id,
        storage_id,
        greatest(round(sum(quantity), 3), 0) as quantity
    from entries
    group by product_id, storage_id
)

select
    product_id,
    sum(quantity)::double precision as available_quantity,
    jsonb_object_agg(storage_id::text, quantity::double precision) as quantity_by_storage
from stock
group by product_id
