-- Counting all products of the full size takes 40 ms, so that is left to the planner's statistics.
select
    case
        when reltuples >= 50000 then reltuples::bigint
        else (select count(*) from staging_marts.dim_product_search)
    end as products
from pg_class
where oid = 'staging_marts.dim_product_search'::regclass;
