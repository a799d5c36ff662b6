-- Words over all products, and what is filtered by.
create index if not exists dim_product_search_words_and_filters
on staging_marts.dim_product_search using gin (
    search_vector,
    category_ids,
    group_ids,
    car_brand_ids,
    (array[
        left(vendor_code_normalised, 1),
        left(vendor_code_normalised, 2),
        left(vendor_code_normalised, 3),
        left(vendor_code_normalised, 4),
        left(vendor_code_normalised, 5)
    ])
)
with (fastupdate = off);
-- Its forerunners: of words and ids, of words alone.
drop index if exists staging_marts.dim_product_search_words;
drop index if exists staging_marts.dim_product_search_search_vector;
