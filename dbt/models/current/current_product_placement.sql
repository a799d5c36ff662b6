{{
    config(indexes=[
        {'columns': ['product_placement_id'], 'unique': true},
        {'columns': ['product_income_item_id']},
        {'columns': ['product_id']}
    ])
}}

-- Grain: one row per row of stg_product_placement; the columns are those of macro current_columns.
{{ current_rows('product_placement') }}
