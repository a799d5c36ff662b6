{{ config(indexes=[{'columns': ['product_income_id'], 'unique': true}]) }}

-- Grain: one row per row of stg_product_income; the columns are those of macro current_columns.
{{ current_rows('product_income') }}
