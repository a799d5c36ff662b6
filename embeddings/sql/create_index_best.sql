-- Full text over the best tenth: ranked answers to common words in 2 ms instead of 20.
create index if not exists dim_product_search_search_vector_best
on staging_marts.dim_product_search using gin (search_vector) with (fastupdate = off) where tier = 0;
