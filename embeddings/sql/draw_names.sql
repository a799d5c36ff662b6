-- Names of some products in one language each, the same at every call: what queries look like. A sample by hash, not
-- the first rows, which are the best ones.
select (array_remove(array[name_ru, name_uk, name_pl], null))[
    1 + abs(hashint8(product_id)) %% cardinality(array_remove(array[name_ru, name_uk, name_pl], null))
]
from staging_marts.dim_product_search
where coalesce(name_ru, name_uk, name_pl) is not null
order by md5(product_id::text)
limit %(limit)s;
