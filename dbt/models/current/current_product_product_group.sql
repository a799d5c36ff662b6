{{
    config(indexes=[
        {'columns': ['product_product_group_id'], 'unique': true},
        {'columns': ['product_id']},
        {'columns': ['product_group_id']}
    ])
}}

-- Grain: one row per row of stg_product_product_group; the columns are those of macro current_columns.
{{ current_rows('product_product_group') }}
