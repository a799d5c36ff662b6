{{ config(indexes=[{'columns': ['storage_id'], 'unique': true}]) }}

-- Grain: one row per row of stg_storage; the columns are those of macro current_columns.
{{ current_rows('storage') }}
