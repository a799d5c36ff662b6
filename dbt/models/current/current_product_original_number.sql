{{
    config(indexes=[
        {'columns': ['product_original_number_id'], 'unique': true},
        {'columns': ['product_id']},
        {'columns': ['original_number_id']}
    ])
}}

-- Grain: one row per row of stg_product_original_number; the columns are those of macro current_columns.
{{ current_rows('product_original_number') }}
