{{ config(indexes=[{'columns': ['product_pricing_id'], 'unique': true}, {'columns': ['product_id']}]) }}

-- Grain: one row per row of stg_product_pricing; the columns are those of macro current_columns.
{{ current_rows('product_pricing') }}
