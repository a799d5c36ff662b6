-- The nearest products by cosine. Grain: one row per product, nearest first. The query vector is a scalar
-- subquery, or its 256 numbers would be converted again for every row. The inner limit is a literal, so that a
-- plan made once for all arguments knows how few rows are wanted and walks the HNSW index; hnsw.ef_search and
-- hnsw.iterative_scan are set with the connection (service/db.py). {vectors} is the table of the encoder's model.
-- With filters: vector_filtered.sql.
-- $1 query vector, $2 smallest similarity, $3 limit
with query as materialized (
    select $1::real[]::halfvec as vector
),

nearest as materialized (
    select
        product.product_id,
        (1 - (stored.embedding <=> (select vector from query)))::real as score,
        coalesce(product.available_quantity, 0) > 0 as available,
        coalesce(product.popularity, 0) as popularity,
        coalesce(product.freshness, 0) as freshness,
        coalesce(product.data_quality, 0) as data_quality,
        coalesce(product.static_quality, 0) as static_quality,
        coalesce(product.has_image, false) as has_image,
        product.price is not null as has_price,
        coalesce(product.is_for_web, false) as for_web
    from embeddings.{vectors} as stored
    inner join staging_marts.dim_product_search as product on stored.product_id = product.product_id
    order by stored.embedding <=> (select vector from query)
    limit 100
)

select *
from nearest
where score >= $2::real
order by score desc, static_quality desc, product_id
limit $3
