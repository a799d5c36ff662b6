-- Pinned products that no retriever found, where they pass the filters. Grain: one row per product, in no order.
-- $1 product ids; filters: service/search/filters.sql
select
    product.product_id,
    coalesce(product.available_quantity, 0) > 0 as available,
    coalesce(product.popularity, 0) as popularity,
    coalesce(product.freshness, 0) as freshness,
    coalesce(product.data_quality, 0) as data_quality,
    coalesce(product.static_quality, 0) as static_quality,
    coalesce(product.has_image, false) as has_image,
    product.price is not null as has_price,
    coalesce(product.is_for_web, false) as for_web
from staging_marts.dim_product_search as product
where product.product_id = any($1::bigint[]) {filters}
