{{
    config(
        unique_key='product_id',
        merge_exclude_columns=['product_id', 'embedding', 'embedding_model', 'indexed_content_hash', 'search_vector'],
        fillfactor=70,
        storage={'embedding': 'main'},
        primary_key=['product_id'],
        copied_indexes=true,
        pre_hook=[
            "{{ prepare_session() }}",
            "{{ add_missing_columns({'weight': 'double precision', 'created': 'timestamp(6)'}) }}",
            "{{ delete_vanished(ref('unpublished_product_search')) }}"
        ],
        post_hook="{{ name_copied_indexes() }}"
    )
}}

{% set tracked_columns = [
    'vendor_code', 'vendor_code_normalised', 'main_original_number', 'original_numbers', 'original_numbers_normalised',
    'analogue_product_ids', 'name_ru', 'name_uk', 'name_pl', 'synonyms', 'size', 'category_names', 'group_names',
    'car_brand_names', 'category_ids', 'group_ids', 'car_brand_ids', 'content', 'content_hash', 'available_quantity',
    'price', 'popularity', 'freshness', 'data_quality', 'has_image', 'is_for_web', 'static_quality', 'tier', 'image_url',
    'updated'
] %}
{% set job_columns = ['embedding', 'embedding_model', 'indexed_content_hash', 'search_vector'] %}
{% set dimensions = var('embedding_dimensions') | int %}
{# Made anew beside one that is in use: what the embedding job wrote is kept where the text is the same. Without it
   words find nothing until the job has written every document again. #}
{% set keeps = not is_incremental() and has_columns(this, job_columns) %}
{# Younger than the columns of the embedding job; readers outside know the order, so these stand last. #}
{% set later_columns = ['weight', 'created'] %}

-- depends_on: {{ ref('touched_product') }}, {{ ref('computed_product') }}, {{ ref('current_product') }}
-- depends_on: {{ ref('dim_product') }}, {{ ref('unpublished_product_code') }}
-- Grain: one row per live product: everything that search reads, and nothing that it does not.
-- A full build writes the rows best first, so that the first matches in heap order are the best ones. Of a row too wide
-- for its page the longest text is put elsewhere, not the vector: scoring reads that of every match.
select
    unpublished.product_id,
    {% for column in tracked_columns %}
        unpublished.{{ column }},
    {% endfor %}
    {{ 'before.embedding' if keeps else 'null' }}::halfvec({{ dimensions }}) as embedding,
    {{ 'before.embedding_model' if keeps else 'null::text as embedding_model' }},
    {{ 'before.indexed_content_hash' if keeps else 'null::text as indexed_content_hash' }},
    {{ 'before.search_vector' if keeps else 'null::tsvector as search_vector' }},
    {% for column in later_columns %}
        unpublished.{{ column }}{{ ',' if not loop.last }}
    {% endfor %}
from {{ ref('unpublished_product_search') }} as unpublished
{% if keeps %}
    left join {{ this }} as before
        on
            before.product_id = unpublished.product_id
            and before.indexed_content_hash = unpublished.content_hash
            and vector_dims(before.embedding) = {{ dimensions }}
{% endif %}
{% if is_incremental() %}
    left join {{ this }} as existing using (product_id)
    where
        existing.product_id is null
        or row(
            {% for column in tracked_columns + later_columns %}
                unpublished.{{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        ) is distinct from row(
            {% for column in tracked_columns + later_columns %}
                existing.{{ column }}{{ ',' if not loop.last }}
            {% endfor %}
        )
{% endif %}
order by unpublished.static_quality desc, unpublished.product_id
