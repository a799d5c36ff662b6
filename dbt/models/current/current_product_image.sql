{{ config(indexes=[{'columns': ['product_image_id'], 'unique': true}, {'columns': ['product_id']}]) }}

-- Grain: one row per row of stg_product_image; the columns are those of macro current_columns.
{{ current_rows('product_image') }}
