-- Grain: one row per product with at least one original (OEM) number.
-- The product's own main number comes first, then linked main numbers, then the others in the order they were linked;
-- of numbers that differ in punctuation only, the first one stays.
with numbers as (
    select
        product_id,
        true as is_main,
        0::bigint as link_id, -- before every link
        0 as position,
        main_original_number as number,
        {{ normalise_code('main_original_number') }} as number_normalised
    from {{ ref('int_live_product') }}
    where main_original_number is not null
    union all
    select
        link.product_id,
        link.is_main_original_number,
        link.product_original_number_id,
        original_number.position,
        original_number.number,
        original_number.number_normalised
    from {{ ref('current_product_original_number') }} as link
    inner join {{ ref('int_original_number') }} as original_number using (original_number_id)
    where not link.deleted
),

deduplicated as (
    select distinct on (product_id, number_normalised) *
    from numbers
    where number_normalised <> ''
    order by product_id, number_normalised, is_main desc, link_id, position
)

select
    product_id,
    (array_agg(number order by link_id, position) filter (where is_main))[1] as main_original_number,
    array_agg(number order by is_main desc, link_id, position) as original_numbers,
    array_agg(number_normalised order by is_main desc, link_id, position) as original_numbers_normalised
from deduplicated
group by product_id
