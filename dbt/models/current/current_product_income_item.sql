{{
    config(indexes=[
        {'columns': ['product_income_item_id'], 'unique': true},
        {'columns': ['product_income_id']},
        {'columns': ['product_capitalization_item_id']}
    ])
}}

-- Grain: one row per row of stg_product_income_item; the columns are those of macro current_columns.
{{ current_rows('product_income_item') }}
