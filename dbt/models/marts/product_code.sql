{{
    config(
        unique_key=['product_id', 'code_normalised', 'kind'],
        pre_hook="{{ delete_vanished(ref('int_product_code'), ['product_id', 'code_normalised', 'kind']) }}",
        post_hook=[
            "{{ add_primary_key(['product_id', 'code_normalised', 'kind']) }}",
            "{{ add_index(['code_normalised', 'static_quality desc']) }}"
        ]
    )
}}

-- Grain: product x normalised code x kind (0 vendor code, 1 main original number, 2 original number).
select
    code.product_id,
    code.code_normalised,
    code.code_display,
    code.kind,
    code.static_quality
from {{ ref('int_product_code') }} as code
{% if is_incremental() %}
    left join {{ this }} as existing using (product_id, code_normalised, kind)
    where
        existing.product_id is null
        or (code.code_display, code.static_quality) is distinct from (existing.code_display, existing.static_quality)
{% endif %}
order by code.code_normalised, code.static_quality desc
