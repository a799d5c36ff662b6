-- Words over the best tenth: ranked answers to common words in 2 ms instead of 20. The ids are in the same index, so
-- that words and filters are intersected inside it.
create index if not exists dim_product_search_words_and_filters_best
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
with (fastupdate = off) where tier = 0;
-- Its forerunners: of words and ids, of words alone.
drop index if exists staging_marts.dim_product_search_words_best;
drop index if exists staging_marts.dim_product_search_search_vector_best;
