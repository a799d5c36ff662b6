{{
    config(
        unique_key='product_id',
        primary_key=['product_id'],
        pre_hook=["{{ prepare_session() }}", "{{ delete_vanished(ref('unpublished_product')) }}"]
    )
}}

-- depends_on: {{ ref('touched_product') }}, {{ ref('computed_product') }}, {{ ref('current_product') }}
-- depends_on: {{ ref('unpublished_product_search') }}, {{ ref('unpublished_product_code') }}
-- Grain: one row per live product.
-- An incremental run publishes the touched products whose hash changed, and removes the ones that are gone.
select unpublished.*
from {{ ref('unpublished_product') }} as unpublished
{% if is_incremental() %}
    left join {{ this }} as existing on unpublished.product_id = existing.product_id
    where existing.row_hash is distinct from unpublished.row_hash
{% endif %}
