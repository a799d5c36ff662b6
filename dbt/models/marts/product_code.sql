{{
    config(
        unique_key=['product_id', 'code_normalised', 'kind'],
        primary_key=['product_id', 'code_normalised', 'kind'],
        indexes=[{'columns': ['code_normalised', 'static_quality desc']}],
        pre_hook=[
            "{{ prepare_session() }}",
            "{{ delete_vanished(ref('unpublished_product_code'), ['product_id', 'code_normalised', 'kind']) }}"
        ],
        post_hook="{{ take_marks_away() }}"
    )
}}

-- depends_on: {{ ref('touched_product') }}, {{ ref('computed_product') }}, {{ ref('current_product') }}
-- depends_on: {{ ref('dim_product_search') }}
-- Grain: product x normalised code x kind (0 vendor code, 1 main original number, 2 original number).
-- The last mart: when it is written, no product is touched any more and nothing is left to publish.
select unpublished.*
from {{ ref('unpublished_product_code') }} as unpublished
{% if is_incremental() %}
    left join {{ this }} as existing using (product_id, code_normalised, kind)
    where
        existing.product_id is null
        or (unpublished.code_display, unpublished.static_quality)
        is distinct from (existing.code_display, existing.static_quality)
{% endif %}
order by unpublished.code_normalised, unpublished.static_quality desc
