{{ config(indexes=[{'columns': ['product_sub_group_id'], 'unique': true}, {'columns': ['sub_product_group_id']}]) }}

-- Grain: one row per row of stg_product_sub_group; the columns are those of macro current_columns.
{{ current_rows('product_sub_group') }}
