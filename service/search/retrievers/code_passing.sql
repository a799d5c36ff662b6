-- What is asked of an entry when products are filtered: that its product passes (filters.sql). The fence (offset 0)
-- keeps the planner from reading every product that passes, which took 3 ms even for a number of five entries.
and exists (
    select
    from staging_marts.dim_product_search as product
    where product.product_id = code.product_id {filters}
    offset 0
)
