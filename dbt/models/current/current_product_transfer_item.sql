{{ config(indexes=[{'columns': ['product_transfer_item_id'], 'unique': true}, {'columns': ['product_id']}]) }}

-- Grain: one row per row of stg_product_transfer_item; the columns are those of macro current_columns.
{{ current_rows('product_transfer_item') }}
