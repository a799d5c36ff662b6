-- Full text over all products.
create index if not exists dim_product_search_search_vector
on staging_marts.dim_product_search using gin (search_vector) with (fastupdate = off);
