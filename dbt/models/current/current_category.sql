{{ config(indexes=[{'columns': ['category_id'], 'unique': true}]) }}

-- Grain: one row per row of stg_category; the columns are those of macro current_columns.
{{ current_rows('category') }}
