-- What queries are made from. Grain: one row per product, drawn in an order that the seed gives.
-- %(seed)s, %(products)s how many; %(supplier)s the beginning of their vendor codes, or an empty text for all
select
    vendor_code,
    array_remove(main_original_number || original_numbers, null) as numbers,
    name_ru,
    name_uk,
    name_pl,
    size,
    car_brand_names
from staging_marts.dim_product_search
where starts_with(vendor_code_normalised, %(supplier)s)
order by hashint8extended(product_id, %(seed)s), product_id
limit %(products)s
