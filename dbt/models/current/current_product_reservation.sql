{{
    config(indexes=[
        {'columns': ['product_reservation_id'], 'unique': true},
        {'columns': ['product_availability_id']}
    ])
}}

-- Grain: one row per row of stg_product_reservation; the columns are those of macro current_columns.
{{ current_rows('product_reservation') }}
