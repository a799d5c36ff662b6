-- The nearest products by cosine of those that pass the filters. Grain: one row per product, nearest first. How many of
-- the nearest 100 of all pass decides the way. Three or more: the HNSW index is walked on until 100 pass, at most 2,000
-- steps (hnsw.max_scan_tuples, service/db.py). Fewer, and at most 2,000 products pass at all: every one of them is
-- compared, which is exact and faster than a walk that finds nothing. Else the walk, to its end. The fence (offset 0)
-- keeps the planner from reading every product that passes (230 ms for a category of 44,000).
-- The vendor code is in the table of vectors too, which saves two thirds of the walk for a supplier.
-- $1 query vector, $2 smallest similarity, $3 limit, $4 whether an index finds what passes, $5/$6 vendor code range or
-- null; filters: filters.sql; comparison: comparison.sql
with
{vehicle_conditions}
nearest_of_all as materialized (
    select stored.product_id
    from embeddings.{vectors} as stored
    order by stored.embedding <=> $1::halfvec
    limit 100
),

passing as materialized (
    select count(*) as products
    from nearest_of_all
    inner join staging_marts.dim_product_search as product on product.product_id = nearest_of_all.product_id
    where true {filters}
),

few as materialized (
    select product.product_id
    from staging_marts.dim_product_search as product
    where
        $4::boolean
        and (select products from passing) < 3 {filters}
    limit 2001
),

compared as (
    select
        few.product_id,
        (1 - (stored.embedding <=> $1::halfvec))::real as score
    from few
    inner join embeddings.{vectors} as stored on stored.product_id = few.product_id
    where (select count(*) from few) <= 2000
    offset 0
),

walked as materialized (
    select
        stored.product_id,
        (1 - (stored.embedding <=> $1::halfvec))::real as score
    from embeddings.{vectors} as stored
    cross join lateral (
        select
        from staging_marts.dim_product_search as product
        where product.product_id = stored.product_id {filters}
        offset 0
    ) as passing_product
    where
        (not $4::boolean or (select products from passing) >= 3 or (select count(*) from few) > 2000)
        and ($5::text is null or (stored.vendor_code >= $5::text and stored.vendor_code < $6::text))
    order by stored.embedding <=> $1::halfvec
    limit 100
),

nearest as materialized (
    select product_id, score
    from walked
    where score >= $2::real
    union all
    select product_id, score
    from compared
    where score >= $2::real
    order by score desc
    limit 100
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
order by nearest.score desc, product.static_quality desc, nearest.product_id
limit $3
