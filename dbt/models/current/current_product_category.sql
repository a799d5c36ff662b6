{{
    config(indexes=[
        {'columns': ['product_category_id'], 'unique': true},
        {'columns': ['product_id']},
        {'columns': ['category_id']}
    ])
}}

-- Grain: one row per row of stg_product_category; the columns are those of macro current_columns.
{{ current_rows('product_category') }}
