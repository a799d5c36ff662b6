-- Grain: one row per product with a stock row in a sellable storage (live, not for defective goods).
-- What is reserved in one storage does not lessen the stock of another, so the floor of 0 applies per storage.
with reserved as (
    select
        product_availability_id,
        sum(qty) as quantity
    from {{ ref('stg_product_reservation') }}
    where not deleted
    group by product_availability_id
),

stock as (
    select
        availability.product_id,
        availability.storage_id,
        -- rounded, because the sum of floats depends on the order of its rows, and row hashes on the sum
        greatest(round(sum(availability.amount - coalesce(reserved.quantity, 0))::numeric, 3), 0) as quantity
    from {{ ref('stg_product_availability') }} as availability
    inner join {{ ref('stg_storage') }} as storage using (storage_id)
    left join reserved using (product_availability_id)
    where
        not availability.deleted
        and not storage.deleted
        and not storage.for_defective
    group by availability.product_id, availability.storage_id
)

select
    product_id,
    sum(quantity)::double precision as available_quantity,
    jsonb_object_agg(storage_id::text, quantity::double precision) as quantity_by_storage
from stock
group by product_id
