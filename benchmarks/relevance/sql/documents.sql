-- What the peers index: the texts that the search documents and the vectors are made of. Grain: one row per product.
select
    product_id,
    concat_ws(' ', name_ru, name_uk, name_pl) as names,
    concat_ws(' ', synonyms, size, array_to_string(car_brand_names, ' ')) as more,
    concat_ws(' ', array_to_string(group_names, ' '), array_to_string(category_names, ' ')) as groups,
    concat_ws(' ', vendor_code, main_original_number, array_to_string(original_numbers, ' ')) as codes
from staging_marts.dim_product_search
order by product_id
