-- Products by words of which at least one stands for a misspelled one. Grain: one row per product. Only words
-- of the dictionary are compared by trigram (spelling.sql, before this), never product texts: those cost
-- 230-670 ms. A rare word needs no tiers; every step scores at most 1,000 matches in heap order, the best
-- products first.
-- $1 all words, $2 all but one or null (text of a tsquery), $3 limit; filters: filters.sql; comparison: comparison.sql
with
{vehicle_conditions}
whole as materialized (
    select
        product.ctid as place,
        product.product_id,
        product.static_quality,
        0 as dropped,
        {score of $1} as score
    from staging_marts.dim_product_search as product
    where
        product.search_vector @@ $1::tsquery {filters}
    limit 1000
),

all_but_one as materialized (
    select
        product.ctid as place,
        product.product_id,
        product.static_quality,
        1 as dropped,
        {score of $2} as score
    from staging_marts.dim_product_search as product
    where
        product.search_vector @@ $2::tsquery
        and not product.search_vector @@ $1::tsquery {filters}
        and (select count(*) from whole) < 20
    limit 1000
),

matched as (
    select * from whole
    union all
    select * from all_but_one
),

ranked as (
    select
        *,
        count(*) over () as total
    from matched
    order by dropped, score desc nulls last, static_quality desc, product_id
    limit $3
)

select
    ranked.product_id,
    ranked.dropped,
    coalesce(ranked.score, 0)::real as score,
    ranked.total,
    (select count(*) from whole) >= 1000
    or (select count(*) from all_but_one) >= 1000 as bounded,
    coalesce(product.available_quantity, 0) > 0 as available,
    coalesce(product.popularity, 0) as popularity,
    coalesce(product.freshness, 0) as freshness,
    coalesce(product.data_quality, 0) as data_quality,
    coalesce(product.static_quality, 0) as static_quality,
    coalesce(product.has_image, false) as has_image,
    product.price is not null as has_price,
    coalesce(product.is_for_web, false) as for_web{similarity}{vehicle}
from ranked
inner join staging_marts.dim_product_search as product on product.ctid = ranked.place
order by ranked.dropped, ranked.score desc nulls last, ranked.static_quality desc, ranked.product_id
