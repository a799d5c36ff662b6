-- What the peers index: the same texts that the search documents are made of. Grain: one row per product.
select
    product_id,
    concat_ws(' ', name_uk, name_ru, name_pl) as names,
    concat_ws(
        ' ', array_to_string(synonyms, ' '), size, array_to_string(car_brand_names, ' '),
        array_to_string(group_names, ' '), array_to_string(category_names, ' ')
    ) as more,
    concat_ws(' ', vendor_code, main_original_number, array_to_string(original_numbers, ' ')) as codes,
    embedding::real[] as embedding
from staging_marts.dim_product_search
order by product_id
