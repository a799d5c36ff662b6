-- Rewrite the table with the best products first and without the dead rows of a mass update: a search that scores only
-- the first matches in heap order then scores the best. The index exists for the rewrite only: a
-- change of static_quality stays a heap-only update; free space on each page serves those updates.
-- Of a row that is too wide for its page the longest text is put elsewhere, not the vector: scoring reads that of every
-- match (measured: one row in eleven had it elsewhere).
alter table staging_marts.dim_product_search alter column embedding set storage main;
create index dim_product_search_heap_order
on staging_marts.dim_product_search (static_quality desc nulls last, product_id);
cluster staging_marts.dim_product_search using dim_product_search_heap_order;
drop index staging_marts.dim_product_search_heap_order;
