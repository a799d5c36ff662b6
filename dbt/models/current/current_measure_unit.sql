{{ config(indexes=[{'columns': ['measure_unit_id'], 'unique': true}]) }}

-- Grain: one row per row of stg_measure_unit; the columns are those of macro current_columns.
{{ current_rows('measure_unit') }}
