-- Grain: one row per product with at least one original (OEM) number.
-- The product's own main number comes first, then linked main numbers, then the others in the order they were linked;
-- of numbers that differ in punctuation only, the first one stays.
with linked as (
    select
        link.product_id,
        link.product_original_number_id as link_id,
        link.is_main_original_number as is_main,
        spelling.position,
        spelling.number
    from {{ ref('stg_product_original_number') }} as link
    inner join {{ ref('stg_original_number') }} as original_number using (original_number_id)
    cross join lateral (
        values (1, original_number.number), (2, original_number.main_number)
    ) as spelling (position, number)
    where
        not link.deleted
        and not original_number.deleted
        and spelling.number is not null
),

numbers as (
    select
        product_id,
        0::bigint as link_id, -- before every link
        true as is_main,
        0 as position,
        main_original_number as number
    from {{ ref('int_live_product') }}
    where main_original_number is not null
    union all
    select
        linked.product_id,
        linked.link_id,
        linked.is_main,
        linked.position,
        {{ clean_code('linked.number') }} as number
    from linked
),

normalised as (
    select
        product_id,
        link_id,
        is_main,
        position,
        number,
        {{ normalise_code('numbers.number') }} as number_normalised
    from numbers
),

deduplicated as (
    select distinct on (product_id, number_normalised)
        product_id,
        link_id,
        is_main,
        position,
        number,
        number_normalised
    from normalised
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
