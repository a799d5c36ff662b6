{{
    config(indexes=[
        {'columns': ['product_analogue_id'], 'unique': true},
        {'columns': ['base_product_id']},
        {'columns': ['analogue_product_id']}
    ])
}}

-- Grain: one row per row of stg_product_analogue; the columns are those of macro current_columns.
{{ current_rows('product_analogue') }}
