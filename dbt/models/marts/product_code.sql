{{
    config(
        unique_key=['product_id', 'code_normalised', 'kind'],
        pre_hook=["{{ prepare_session() }}", "{{ delete_vanished_codes(ref('int_product_code')) }}"],
        post_hook=[
            "{{ add_primary_key(['product_id', 'code_normalised', 'kind']) }}",
            "{{ add_index(['code_normalised', 'static_quality desc']) }}",
            "truncate {{ ref('touched_product') }}"
        ]
    )
}}
{%- set few = few_touched(ref('touched_product')) %}

-- depends_on: {{ ref('touched_product') }}, {{ ref('current_product') }}
-- Grain: product x normalised code x kind (0 vendor code, 1 main original number, 2 original number).
-- The last mart: when it is written, no product is touched any more.
select
    code.product_id,
    code.code_normalised,
    code.code_display,
    code.kind,
    code.static_quality
{% if few %}
    from {{ ref('touched_product') }} as touched
    inner join lateral (
        select *
        from {{ ref('int_product_code') }} as live
        where live.product_id = touched.product_id
        offset 0
    ) as code on true
{% else %}
    from {{ ref('int_product_code') }} as code
{% endif %}
{% if is_incremental() %}
    left join {{ this }} as existing
        on
            code.product_id = existing.product_id
            and code.code_normalised = existing.code_normalised
            and code.kind = existing.kind
    where
        {% if not few %}
            code.product_id in (select product_id from {{ ref('touched_product') }})
            and
        {% endif %}
        (
            existing.product_id is null
            or (code.code_display, code.static_quality)
            is distinct from (existing.code_display, existing.static_quality)
        )
{% endif %}
order by code.code_normalised, code.static_quality desc
