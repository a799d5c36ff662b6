-- Products by words of which at least one stands for a misspelled one. Grain: one row per product. Only words
-- of the dictionary are compared by trigram (spelling.sql, before this), never product texts: those cost
-- 230-670 ms. The steps are those of fulltext.sql, without the last.
-- $1 all words, $2 all but one or null (text of a tsquery), $3 limit; filters: filters.sql; comparison: comparison.sql
with
{vehicle_conditions}
best as materialized (
    select
        product.ctid as place,
        product.product_id,
        product.static_quality,
        0 as dropped,
        {score of $1} as score
    from staging_marts.dim_product_search as product
    where
        product.tier = 0
        and product.search_vector @@ $1::tsquery {filters}
    limit 500
),

counted_best as materialized (
    select count(*) as products from best
),

rest as materialized (
    select
        product.ctid as place,
        product.product_id,
        product.static_quality,
        0 as dropped,
        {score of $1} as score
    from staging_marts.dim_product_search as product
    where
        product.tier is distinct from 0
        and product.search_vector @@ $1::tsquery {filters}
        and (select products from counted_best) < $3
    limit 500
),

counted as materialized (
    select
        counted_best.products as best,
        (select count(*) from rest) as rest
    from counted_best
),

best_but_one as materialized (
    select
        product.ctid as place,
        product.product_id,
        product.static_quality,
        1 as dropped,
        {score of $2} as score
    from staging_marts.dim_product_search as product
    where
        product.tier = 0
        and product.search_vector @@ $2::tsquery
        and not product.search_vector @@ $1::tsquery {filters}
        and (select best + rest from counted) < 20
    limit 500
),

counted_best_but_one as materialized (
    select count(*) as products from best_but_one
),

rest_but_one as materialized (
    select
        product.ctid as place,
        product.product_id,
        product.static_quality,
        1 as dropped,
        {score of $2} as score
    from staging_marts.dim_product_search as product
    where
        product.tier is distinct from 0
        and product.search_vector @@ $2::tsquery
        and not product.search_vector @@ $1::tsquery {filters}
        and (select best + rest from counted) < 20
        and (select products from counted_best_but_one) < $3
    limit 500
),

counted_but_one as materialized (
    select
        counted_best_but_one.products as best,
        (select count(*) from rest_but_one) as rest
    from counted_best_but_one
),

matched as (
    select * from best
    union all
    select * from rest
    union all
    select * from best_but_one
    union all
    select * from rest_but_one
),

counts as materialized (
    select
        sum(best + rest)::bigint as total,
        max(best) >= $3 or max(rest) >= 500 as bounded
    from (
        select best, rest from counted
        union all
        select best, rest from counted_but_one
    ) as steps
),

ranked as (
    select *
    from matched
    order by dropped, score desc nulls last, static_quality desc, product_id
    limit $3
)

select
    ranked.product_id,
    ranked.dropped,
    coalesce(ranked.score, 0)::real as score,
    (select total from counts) as total,
    (select bounded from counts) as bounded,
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
