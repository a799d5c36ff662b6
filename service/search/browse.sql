-- Products without a query: the best that pass the filters. One row: their ids, and those of the page.
-- At most 1,000 are read, in heap order, which is the order of static quality; of those the page. Without a filter
-- that has an index only the beginning of the heap is read, the best products
-- (measured on 278,697: 1,000 of them in stock in 1.2 ms, 0.9 s for a look at every product).
-- $1 order (price_asc, price_desc or best), $2 limit, $3 offset; then the values of the filters
with passing as materialized (
    select
        product.product_id,
        product.static_quality,
        product.price
    from staging_marts.dim_product_search as product
    where {where} {filters}
    limit 1000
)

select
    array(select product_id from passing) as passing,
    array(
        select product_id
        from passing
        order by
            case $1::text when 'price_asc' then price when 'price_desc' then -price end nulls last,
            static_quality desc,
            product_id
        limit $2
        offset $3
    ) as product_ids
