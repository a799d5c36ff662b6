-- The texts of claimed products; one that left the mart is not in the answer.
select
    product_id, content_hash, vendor_code_normalised, name_ru, name_uk, name_pl, synonyms, size, car_brand_names,
    group_names, category_names
from staging_marts.dim_product_search
where product_id = any(%(products)s);
