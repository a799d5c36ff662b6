-- Between writing and publishing: every row here is a reason not to publish what a run has computed. dbt build skips
-- the marts then; they stay as they are, and the products stay touched for the run after the cause is put right.
{{ config(tags=['audit']) }}
{%- set mart = existing_mart('dim_product') %}

-- depends_on: {{ ref('computed_product') }}

{{ broken_rows(ref('unpublished_product'), {
    'product_id is null': 'broken.product_id is not null',
    'net_uid is null': 'broken.net_uid is not null',
    'row_hash is null': 'broken.row_hash is not null',
    'is_for_web or has_image is null': '(broken.is_for_web is not null and broken.has_image is not null)',
    'price is negative': 'coalesce(broken.price >= 0, true)',
    'available_quantity is not a number of at least 0':
        "(broken.available_quantity >= 0 and broken.available_quantity < 'infinity')",
    'popularity is not in 0..1': 'broken.popularity between 0 and 1',
    'freshness is not in 0..1': 'broken.freshness between 0 and 1',
    'data_quality is not in 0..1': 'broken.data_quality between 0 and 1',
    'original_numbers and original_numbers_normalised differ in length':
        'cardinality(broken.original_numbers) = cardinality(broken.original_numbers_normalised)',
    'category_ids and category_names differ in length':
        'cardinality(broken.category_ids) = cardinality(broken.category_names)',
    'group_ids and group_names differ in length':
        'cardinality(broken.group_ids) = cardinality(broken.group_names)',
    'car_brand_ids and car_brand_names differ in length':
        'cardinality(broken.car_brand_ids) = cardinality(broken.car_brand_names)',
    'analogue_count is not the number of analogues':
        'broken.analogue_count = cardinality(broken.analogue_product_ids)',
}) }}
union all
{{ broken_rows(ref('unpublished_product_search'), {
    'content_hash is null': 'broken.content_hash is not null',
    'static_quality is not in 0..1': 'broken.static_quality between 0 and 1',
    'tier is neither 0 nor 1': 'broken.tier in (0, 1)',
}) }}
union all
{{ broken_rows(ref('unpublished_product_code'), {
    'product_id is null': 'broken.product_id is not null',
    'code_normalised is empty': "broken.code_normalised <> ''",
    'code_display is null': 'broken.code_display is not null',
    'kind is not 0, 1 or 2': 'broken.kind in (0, 1, 2)',
    'static_quality is not in 0..1': 'broken.static_quality between 0 and 1',
}) }}
union all
{{ repeated_rows(ref('unpublished_product'), ['product_id']) }}
union all
{{ repeated_rows(ref('unpublished_product_search'), ['product_id']) }}
union all
{{ repeated_rows(ref('unpublished_product_code'), ['product_id', 'code_normalised', 'kind']) }}
union all
select
    'unpublished_product_search' as relation_name,
    coalesce(product.product_id, search_product.product_id) as product_id,
    'a product is in one of unpublished_product and unpublished_product_search only' as finding
from {{ ref('unpublished_product') }} as product
full join {{ ref('unpublished_product_search') }} as search_product using (product_id)
where product.product_id is null or search_product.product_id is null
union all
select
    'unpublished_product_code' as relation_name,
    code.product_id,
    'a code belongs to no product' as finding
from {{ ref('unpublished_product_code') }} as code
where
    not exists (
        select
        from {{ ref('unpublished_product') }} as product
        where product.product_id = code.product_id
    )
{% if mart and not flags.FULL_REFRESH %}
    union all
    {{ mass_deletion(mart) }}
{% endif %}
