{{ config(pre_hook="{{ prepare_session() }}") }}

-- Grain: product x normalised code x kind: everything an unpublished product can be found by when a number is typed.
with codes as (
    select
        product_id,
        vendor_code as code_display,
        vendor_code_normalised as code_normalised,
        0::smallint as kind,
        static_quality
    from {{ ref('unpublished_product_search') }}
    union all
    select
        product_id,
        main_original_number,
        {{ normalise_code('main_original_number') }},
        1::smallint,
        static_quality
    from {{ ref('unpublished_product_search') }}
    union all
    select
        product.product_id,
        original_number.code_display,
        original_number.code_normalised,
        2::smallint,
        product.static_quality
    from {{ ref('unpublished_product_search') }} as product
    cross join lateral unnest(product.original_numbers, product.original_numbers_normalised)
        as original_number (code_display, code_normalised)
    -- the main number has its own row
    where original_number.code_display is distinct from product.main_original_number
)

select
    product_id,
    -- byte order: prefix search by index whatever the locale of the database
    code_normalised collate "C" as code_normalised,
    code_display,
    kind,
    static_quality
from codes
where code_normalised <> ''
