{{ config(indexes=[{'columns': ['car_brand_id'], 'unique': true}]) }}

-- Grain: one row per row of stg_car_brand; the columns are those of macro current_columns.
{{ current_rows('car_brand') }}
