-- The texts the dictionary is made of, once per distinct tuple, with how many products have them and how popular they are.
select
    name_ru, name_uk, name_pl, synonyms, car_brand_names, group_names, category_names,
    count(*), coalesce(sum(popularity), 0)::double precision
from staging_marts.dim_product_search
group by name_ru, name_uk, name_pl, synonyms, car_brand_names, group_names, category_names
