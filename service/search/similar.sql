-- The products nearest to one product by cosine, itself left out. Grain: one row per neighbour, in no order; none when
-- the product does not exist; a single row whose neighbour is null when it has no vector, or nothing is near.
-- The vector is a scalar subquery, so that it is read once. The inner limit is a literal, so that a plan made once for all
-- arguments walks the HNSW index (hnsw.ef_search and hnsw.iterative_scan: service/db.py). Many products have the same
-- text and so the same vector: same_text numbers the distinct ones, and fewer than 95 would often be of one text.
-- {vectors} is the table of the active model.
-- $1 product id, $2 stock wanted or null, $3 smallest similarity
with asked as materialized (
    select
        product.product_id,
        product.vendor_code_normalised,
        product.car_brand_ids,
        stored.embedding
    from staging_marts.dim_product_search as product
    left join embeddings.{vectors} as stored on stored.product_id = product.product_id
    where product.product_id = $1::bigint
),

nearest as materialized (
    select
        stored.product_id,
        stored.embedding,
        (1 - (stored.embedding <=> (select embedding from asked)))::real as similarity,
        product.vendor_code_normalised,
        product.car_brand_ids,
        coalesce(product.available_quantity, 0) > 0 as available,
        coalesce(product.popularity, 0) as popularity,
        coalesce(product.static_quality, 0) as static_quality
    from embeddings.{vectors} as stored
    inner join staging_marts.dim_product_search as product on stored.product_id = product.product_id
    where
        stored.product_id <> $1::bigint
        and (select embedding from asked) is not null
        and ($2::boolean is null or (coalesce(product.available_quantity, 0) > 0) = $2::boolean)
    order by stored.embedding <=> (select embedding from asked)
    limit 95
)

select
    asked.embedding is not null as has_vector,
    nearest.product_id,
    nearest.similarity,
    nearest.vendor_code_normalised as code,
    nearest.available,
    nearest.popularity,
    nearest.static_quality,
    dense_rank() over (order by nearest.embedding) as same_text,
    coalesce(
        cardinality(asked.car_brand_ids) > 0
        and cardinality(nearest.car_brand_ids) > 0
        and not nearest.car_brand_ids && asked.car_brand_ids,
        false
    ) as other_make
from asked
left join nearest
    on
        nearest.similarity >= $3::real
        and (nearest.vendor_code_normalised = asked.vendor_code_normalised) is not true
