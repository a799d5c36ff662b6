{{ config(indexes=[{'columns': ['original_number_id'], 'unique': true}]) }}

-- Grain: one row per row of stg_original_number; the columns are those of macro current_columns.
{{ current_rows('original_number') }}
