{{ config(indexes=[{'columns': ['product_slug_id'], 'unique': true}, {'columns': ['product_id']}]) }}

-- Grain: one row per row of stg_product_slug; the columns are those of macro current_columns.
{{ current_rows('product_slug') }}
