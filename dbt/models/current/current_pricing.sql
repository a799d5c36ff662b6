{{ config(indexes=[{'columns': ['pricing_id'], 'unique': true}]) }}

-- Grain: one row per row of stg_pricing; the columns are those of macro current_columns.
{{ current_rows('pricing') }}
