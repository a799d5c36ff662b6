{{ config(indexes=[{'columns': ['product_group_id'], 'unique': true}]) }}

-- Grain: one row per row of stg_product_group; the columns are those of macro current_columns.
{{ current_rows('product_group') }}
