{{
    config(
        unique_key='product_id',
        merge_exclude_columns=['product_id', 'embedding', 'embedding_model', 'indexed_content_hash', 'search_vector'],
        fillfactor=70,
        pre_hook=["{{ prepare_session() }}", "{{ delete_vanished(ref('dim_product')) }}"],
        post_hook="{{ add_primary_key(['product_id']) }}"
    )
}}

{% set tracked_columns = [
    'vendor_code', 'vendor_code_normalised', 'main_original_number', 'original_numbers', 'original_numbers_normalised',
    'analogue_product_ids', 'name_ru', 'name_uk', 'name_pl', 'synonyms', 'size', 'category_names', 'group_names',
    'car_brand_names', 'category_ids', 'group_ids', 'car_brand_ids', 'content', 'content_hash', 'available_quantity',
    'price', 'popularity', 'freshness', 'data_quality', 'has_image', 'is_for_web', 'static_quality', 'tier', 'image_url',
    'updated'
] %}

-- depends_on: {{ ref('touched_product') }}
-- Grain: one row per live product: everything that search reads, and nothing that it does not.
-- A full build writes the rows best first, so that the first matches in heap order are the best ones.
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
        updated
    from {{ ref('dim_product') }}
    {% if is_incremental() %}
        where product_id in (select product_id from {{ ref('touched_product') }})
    {% endif %}
),

search_product as (
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
)

select
    search_product.product_id,
    {% for column in tracked_columns %}
        search_product.{{ column }},
    {% endfor %}
    null::halfvec({{ var('embedding_dimensions') | int }}) as embedding,
    null::text as embedding_model,
    null::text as indexed_content_hash,
    null::tsvector as search_vector
from search_product
{% if is_incremental() %}
    left join {{ this }} as existing using (product_id)
    where
        existing.product_id is null
        or row(
            {% for column in tracked_columns %}
                search_product.{{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        ) is distinct from row(
            {% for column in tracked_columns %}
                existing.{{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        )
{% endif %}
order by search_product.static_quality desc, search_product.product_id
