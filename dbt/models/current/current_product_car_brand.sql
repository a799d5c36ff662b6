{{
    config(indexes=[
        {'columns': ['product_car_brand_id'], 'unique': true},
        {'columns': ['product_id']},
        {'columns': ['car_brand_id']}
    ])
}}

-- Grain: one row per row of stg_product_car_brand; the columns are those of macro current_columns.
{{ current_rows('product_car_brand') }}
