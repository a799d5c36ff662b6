{{ config(pre_hook=["{{ prepare_session() }}", "{{ note_what_is_computed() }}"]) }}
{%- set few = few_touched(ref('touched_product')) %}

-- depends_on: {{ ref('touched_product') }}, {{ ref('computed_product') }}, {{ ref('current_product') }}
-- Grain: one row per live product whose row in dim_product must be computed again; audited before it is published.
with product as (
    select
        live.product_id,
        live.net_uid,
        live.vendor_code,
        live.name_ru,
        live.name_uk,
        live.name_pl,
        live.description_ru,
        live.description_uk,
        live.description_pl,
        live.notes_uk,
        live.notes_pl,
        live.synonyms_uk,
        live.synonyms_pl,
        live.size,
        live.weight,
        live.measure_unit,
        numbers.main_original_number,
        coalesce(numbers.original_numbers, '{}') as original_numbers,
        coalesce(numbers.original_numbers_normalised, '{}') as original_numbers_normalised,
        coalesce(analogues.analogue_product_ids, '{}') as analogue_product_ids,
        coalesce(cardinality(analogues.analogue_product_ids), 0) as analogue_count,
        coalesce(categories.category_ids, '{}') as category_ids,
        coalesce(categories.category_names, '{}') as category_names,
        coalesce(groups.group_ids, '{}') as group_ids,
        coalesce(groups.group_names, '{}') as group_names,
        coalesce(car_brands.car_brand_ids, '{}') as car_brand_ids,
        coalesce(car_brands.car_brand_names, '{}') as car_brand_names,
        coalesce(images.image_url, live.image) as image_url,
        coalesce(images.image_count, 0) as image_count,
        slugs.slug_uk,
        slugs.slug_pl,
        prices.price,
        coalesce(prices.prices, '{}') as prices,
        coalesce(availability.available_quantity, 0) as available_quantity,
        coalesce(availability.quantity_by_storage, '{}') as quantity_by_storage,
        live.is_for_sale,
        live.is_for_web,
        live.is_for_zero_sale,
        analogues.product_id is not null as has_analogue,
        live.has_component,
        coalesce(images.image_url, live.image) is not null as has_image,
        least(
            1,
            ln(
                1
                + {{ var('popularity_weights')['reservation'] }} * coalesce(movements.reservation_count, 0)
                + {{ var('popularity_weights')['transfer'] }} * coalesce(movements.transfer_count, 0)
                + {{ var('popularity_weights')['income'] }} * coalesce(movements.income_count, 0)
            ) / ln(1 + {{ var('popularity_saturation') }}::double precision)
        )::real as popularity,
        greatest(live.updated, movements.last_income) as last_activity,
        (
            {{
                weighted_flags(var('data_quality_weights'), {
                    'name_ru': 'live.name_ru is not null',
                    'name_uk': 'live.name_uk is not null',
                    'name_pl': 'live.name_pl is not null',
                    'vendor_code': 'live.vendor_code is not null',
                    'original_numbers': 'numbers.product_id is not null',
                    'image': 'images.product_id is not null or live.image is not null',
                    'price': 'prices.product_id is not null',
                    'weight': 'live.weight is not null',
                })
            }}
        )::real as data_quality,
        live.created,
        live.updated
    {% if few %}
        -- first in the join: of so many relations the planner takes them as they are written
        from {{ ref('touched_product') }} as touched
        inner join {{ ref('int_live_product') }} as live on touched.product_id = live.product_id
    {% else %}
        -- offset 0: each text is cleaned once, not again for every signal that asks whether there is one
        from (select * from {{ ref('int_live_product') }} offset 0) as live
    {% endif %}
    {{ join_step(ref('int_product_original_numbers'), 'numbers', 'live', few) }}
    {{ join_step(ref('int_product_analogues'), 'analogues', 'live', few) }}
    {{ join_step(ref('int_product_categories'), 'categories', 'live', few) }}
    {{ join_step(ref('int_product_groups'), 'groups', 'live', few) }}
    {{ join_step(ref('int_product_car_brands'), 'car_brands', 'live', few) }}
    {{ join_step(ref('int_product_images'), 'images', 'live', few) }}
    {{ join_step(ref('int_product_slugs'), 'slugs', 'live', few) }}
    {{ join_step(ref('int_product_prices'), 'prices', 'live', few) }}
    {{ join_step(ref('int_product_availability'), 'availability', 'live', few) }}
    {{ join_step(ref('int_product_movements'), 'movements', 'live', few) }}
    {% if not few %}
        where live.product_id in (select product_id from {{ ref('touched_product') }})
    {% endif %}
),

-- The age of a product counts in whole months back from a fixed month, neither from now() nor from the newest product:
-- the same events give the same mart, and no product's row depends on another's.
with_signals as (
    select
        product.*,
        coalesce(
            power(
                0.5,
                greatest(0, {{ months_between('product.last_activity', 'epoch.month') }})
                / {{ var('freshness_half_life_months') }}::double precision
            ),
            0
        )::real as freshness
    from product
    left join {{ ref('freshness_epoch') }} as epoch on true
    -- keeps every expression above from being evaluated twice, for its column and for the hash
    offset 0
),

hashed as (
    select
        with_signals.*,
        md5(with_signals::text) as row_hash
    from with_signals
)

select
    hashed.product_id,
    hashed.net_uid,
    hashed.vendor_code,
    hashed.name_ru,
    hashed.name_uk,
    hashed.name_pl,
    hashed.description_ru,
    hashed.description_uk,
    hashed.description_pl,
    hashed.notes_uk,
    hashed.notes_pl,
    hashed.synonyms_uk,
    hashed.synonyms_pl,
    hashed.size,
    hashed.weight,
    hashed.measure_unit,
    hashed.main_original_number,
    hashed.original_numbers,
    hashed.original_numbers_normalised,
    hashed.analogue_product_ids,
    hashed.analogue_count,
    hashed.category_ids,
    hashed.category_names,
    hashed.group_ids,
    hashed.group_names,
    hashed.car_brand_ids,
    hashed.car_brand_names,
    hashed.image_url,
    hashed.image_count,
    hashed.slug_uk,
    hashed.slug_pl,
    hashed.price,
    hashed.prices,
    hashed.available_quantity,
    hashed.quantity_by_storage,
    hashed.is_for_sale,
    hashed.is_for_web,
    hashed.is_for_zero_sale,
    hashed.has_analogue,
    hashed.has_component,
    hashed.has_image,
    hashed.popularity,
    hashed.freshness,
    hashed.data_quality,
    hashed.created,
    hashed.updated,
    hashed.row_hash
from hashed
