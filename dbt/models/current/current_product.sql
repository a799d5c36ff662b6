{{ config(indexes=[{'columns': ['product_id'], 'unique': true}]) }}

-- Grain: one row per row of stg_product; the columns are those of macro current_columns.
{{ current_rows('product') }}
