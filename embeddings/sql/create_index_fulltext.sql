-- Words over all products, and what is filtered by.
create index if not exists dim_product_search_words
on staging_marts.dim_product_search using gin (search_vector, category_ids, group_ids, car_brand_ids)
with (fastupdate = off);
-- Its forerunner, of words alone.
drop index if exists staging_marts.dim_product_search_search_vector;
