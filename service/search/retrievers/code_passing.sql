-- What code.sql asks of an entry when products are filtered: that its product passes (filters.sql)
and exists (
    select
    from staging_marts.dim_product_search as product
    where product.product_id = code.product_id {filters}
)
