{{
    config(
        materialized='incremental',
        incremental_strategy='append',
        primary_key=['product_id'],
        pre_hook="{{ follow_source() }}",
        post_hook=[
            "update {{ ref('source_position') }} set rebuilt = false where rebuilt",
            "analyze {{ this }}"
        ]
    )
}}
{%- for table in current_tables() %}
-- depends_on: {{ source('bronze', table ~ '_cdc') }}, {{ ref('stg_' ~ table) }}, {{ ref('current_' ~ table) }}
{%- endfor %}
-- depends_on: {{ ref('int_category_path') }}, {{ ref('current_category_path') }}
{%- set mart = existing_mart('dim_product') %}

-- Grain: one row per product whose rows in the marts must be computed again.
-- Changes of source rows are put here by the pre-hook; the transaction that writes the last mart, product_code, takes
-- them away, so that a run that fails in between is made good by the next one. When a current table was built whole,
-- every product is touched, and so is every product the marts still hold.
select products.product_id
from (
    select product_id
    from {{ ref('current_product') }}
    {% if mart %}
        union
        select product_id
        from {{ mart }}
    {% endif %}
) as products
where
    exists (
        select
        from {{ ref('source_position') }}
        where rebuilt
    )
    {% if is_incremental() %}
        and not exists (
            select
            from {{ this }} as known
            where known.product_id = products.product_id
        )
    {% endif %}
