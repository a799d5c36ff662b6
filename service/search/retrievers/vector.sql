-- The nearest products by cosine. Grain: one row per product, nearest first. The inner limit is a literal, so that a
-- plan made once for all arguments knows how few rows are wanted and walks the HNSW index; hnsw.ef_search and
-- hnsw.iterative_scan are set with the connection (service/db.py). {vectors} is the table of the encoder's model.
-- With filters: vector_filtered.sql.
-- $1 query vector, $2 smallest similarity, $3 limit; comparison: comparison.sql
with
{vehicle_conditions}
nearest as materialized (
    select
        stored.product_id,
        (1 - (stored.embedding <=> $1::halfvec))::real as score
    from embeddings.{vectors} as stored
    order by stored.embedding <=> $1::halfvec
    limit {nearest}
)

select
    nearest.product_id,
    nearest.score,
    coalesce(product.available_quantity, 0) > 0 as available,
    coalesce(product.popularity, 0) as popularity,
    coalesce(product.freshness, 0) as freshness,
    coalesce(product.data_quality, 0) as data_quality,
    coalesce(product.static_quality, 0) as static_quality,
    coalesce(product.has_image, false) as has_image,
    product.price is not null as has_price,
    coalesce(product.is_for_web, false) as for_web{vehicle}
from nearest
inner join staging_marts.dim_product_search as product on product.product_id = nearest.product_id
where nearest.score >= $2::real
order by nearest.score desc, product.static_quality desc, nearest.product_id
limit $3
