-- Before most rows are rewritten: building anew is many times cheaper than that many single inserts.
drop index if exists staging_marts.dim_product_search_search_vector_best;
drop index if exists staging_marts.dim_product_search_search_vector;
drop index if exists staging_marts.dim_product_search_embedding;
