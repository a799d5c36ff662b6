-- What a page shows of its products. Grain: one row per product, in no order.
-- $1 product ids
select
    product_id,
    vendor_code,
    name_ru,
    name_uk,
    name_pl,
    main_original_number,
    original_numbers[1:5] as original_numbers,
    available_quantity,
    price::double precision as price,
    image_url,
    category_names[1] as category
from staging_marts.dim_product_search
where product_id = any($1::bigint[])
