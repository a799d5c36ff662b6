{{ config(pre_hook="{{ prepare_session() }}") }}

-- Grain: one row of unpublished_product: what search reads of it, without the columns of the embedding job.
with product as (
    select
        product_id,
        vendor_code,
        {{ normalise_code('vendor_code') }} as vendor_code_normalised,
        main_original_number,
        original_numbers,
        original_numbers_normalised,
        analogue_product_ids,
        name_ru,
        name_uk,
        name_pl,
        nullif(concat_ws(', ', synonyms_uk, synonyms_pl), '') as synonyms,
        size,
        category_names,
        group_names,
        car_brand_names,
        category_ids,
        group_ids,
        car_brand_ids,
        available_quantity,
        price,
        popularity,
        freshness,
        data_quality,
        has_image,
        is_for_web,
        {{ static_quality() }} as static_quality,
        image_url,
        updated,
        weight,
        created
    from {{ ref('unpublished_product') }}
)

select
    product.*,
    nullif(
        concat_ws(
            ' | ',
            product.name_ru,
            product.name_uk,
            product.name_pl,
            product.synonyms,
            product.size,
            nullif(array_to_string(product.car_brand_names, ' '), ''),
            nullif(array_to_string(product.group_names, ' '), '')
        ),
        ''
    ) as content,
    md5(row(
        product.name_ru,
        product.name_uk,
        product.name_pl,
        product.synonyms,
        product.size,
        product.car_brand_names,
        product.group_names,
        product.category_names
    )::text) as content_hash,
    -- A fixed line: were the best tenth counted anew each time, one product going up would push another one down.
    case
        when (-product.static_quality, product.product_id) <= (-line.static_quality, line.product_id) then 0
        else 1
    end::smallint as tier
from product
left join {{ ref('tier_line') }} as line on true
