-- The nearest products by cosine of those that pass the filters. Grain: one row per product, nearest first. How many
-- may pass decides the way:
-- * A supplier of at most 15,000 products (`narrow`): each of its vectors is compared. They lie side by side
--   (embeddings/sql/order_vectors.sql), so this is exact and costs a third of a walk (ADR 0029). The other filters are
--   looked at in order of nearness until {nearest} pass, so a rare one costs at most 1,000 looks.
-- * Else how many of the nearest 60 of all pass. Two or more: the HNSW index is walked on until {nearest} pass, at most
--   2,000 steps (hnsw.max_scan_tuples, service/db.py). Fewer, and at most 2,000 products pass at all: every one of them
--   is compared, which is exact and faster than a walk that finds nothing. Else the walk, to its end.
-- The fences (offset 0) keep the planner from reading every product that passes (230 ms for a category of 44,000), and
-- `+ 0` keeps it from the HNSW index for a supplier's vectors. Of a product that was looked at its place is kept:
-- reading it again there costs a quarter of finding it by its key.
-- $1 query vector, $2 smallest similarity, $3 limit, $4 whether an index finds what passes, $5/$6 vendor code range or
-- null; filters: filters.sql; comparison: comparison.sql
with
{vehicle_conditions}
narrow as materialized (
    select $5::text is not null and count(*) <= 15000 as is_true
    from (
        select
        from embeddings.{vectors}
        where vendor_code >= $5::text and vendor_code < $6::text
        limit 15001
    ) as found
),

near as materialized (
    select stored.product_id, stored.embedding <=> $1::halfvec as distance
    from embeddings.{vectors} as stored
    where
        (select is_true from narrow)
        and stored.vendor_code >= $5::text
        and stored.vendor_code < $6::text
        and stored.embedding <=> $1::halfvec <= 1 - $2::real
    order by (stored.embedding <=> $1::halfvec) + 0
    limit 1000
),

nearest_of_supplier as (
    select
        product.place,
        (1 - near.distance)::real as score
    from near
    cross join lateral (
        select product.ctid as place
        from staging_marts.dim_product_search as product
        where product.product_id = near.product_id {filters}
        offset 0
    ) as product
    order by near.distance
    limit {nearest}
),

nearest_of_all as materialized (
    select stored.product_id
    from embeddings.{vectors} as stored
    order by stored.embedding <=> $1::halfvec
    limit 60
),

passing as materialized (
    select count(*) as products
    from nearest_of_all
    inner join staging_marts.dim_product_search as product on product.product_id = nearest_of_all.product_id
    where true {filters}
),

few as materialized (
    select
        product.ctid as place,
        product.product_id
    from staging_marts.dim_product_search as product
    where
        $4::boolean
        and not (select is_true from narrow)
        and (select products from passing) < 2 {filters}
    limit 2001
),

compared as (
    select
        few.place,
        (1 - (stored.embedding <=> $1::halfvec))::real as score
    from few
    inner join embeddings.{vectors} as stored on stored.product_id = few.product_id
    where (select count(*) from few) <= 2000
    offset 0
),

walked as materialized (
    select
        product.place,
        (1 - (stored.embedding <=> $1::halfvec))::real as score
    from embeddings.{vectors} as stored
    cross join lateral (
        select product.ctid as place
        from staging_marts.dim_product_search as product
        where product.product_id = stored.product_id {filters}
        offset 0
    ) as product
    where
        not (select is_true from narrow)
        and (not $4::boolean or (select products from passing) >= 2 or (select count(*) from few) > 2000)
        and ($5::text is null or (stored.vendor_code >= $5::text and stored.vendor_code < $6::text))
    order by stored.embedding <=> $1::halfvec
    limit {nearest}
),

nearest as materialized (
    select place, score
    from nearest_of_supplier
    union all
    select place, score
    from walked
    where score >= $2::real
    union all
    select place, score
    from compared
    where score >= $2::real
    order by score desc
    limit {nearest}
)

select
    product.product_id,
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
inner join staging_marts.dim_product_search as product on product.ctid = nearest.place
order by nearest.score desc, product.static_quality desc, product.product_id
limit $3
