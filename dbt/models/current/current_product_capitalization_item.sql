{{ config(indexes=[{'columns': ['product_capitalization_item_id'], 'unique': true}, {'columns': ['product_id']}]) }}

-- Grain: one row per row of stg_product_capitalization_item; the columns are those of macro current_columns.
{{ current_rows('product_capitalization_item') }}
