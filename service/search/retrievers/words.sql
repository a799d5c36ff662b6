-- Products by words. Grain: one row per product, those that match more of the words first. The best tenth (tier
-- 0) has its own small index; the rest is read only when that gives less than is wanted, and a word is
-- dropped only when fewer than 20 products have them all. Every step scores at most 500 matches: the heap is
-- in order of static quality, so those are the best 500. What the score is: comparison.sql.
-- $1 all words, $2 all but one or null, $3 all but two or null, $4 limit; filters: filters.sql; comparison: comparison.sql
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
        and product.search_vector @@ $1::tsquery {filters beside words}
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
        and product.search_vector @@ $1::tsquery {filters beside words}
        and (select products from counted_best) < $4
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
        and not product.search_vector @@ $1::tsquery {filters beside words}
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
        and not product.search_vector @@ $1::tsquery {filters beside words}
        and (select best + rest from counted) < 20
        and (select products from counted_best_but_one) < $4
    limit 500
),

counted_but_one as materialized (
    select
        counted_best_but_one.products as best,
        (select count(*) from rest_but_one) as rest
    from counted_best_but_one
),

best_but_two as materialized (
    select
        product.ctid as place,
        product.product_id,
        product.static_quality,
        2 as dropped,
        {score of $3} as score
    from staging_marts.dim_product_search as product
    where
        product.tier = 0
        and product.search_vector @@ $3::tsquery
        and not product.search_vector @@ $2::tsquery {filters beside words}
        and (select best + rest from counted) + (select best + rest from counted_but_one) < 20
    limit 500
),

counted_best_but_two as materialized (
    select count(*) as products from best_but_two
),

rest_but_two as materialized (
    select
        product.ctid as place,
        product.product_id,
        product.static_quality,
        2 as dropped,
        {score of $3} as score
    from staging_marts.dim_product_search as product
    where
        product.tier is distinct from 0
        and product.search_vector @@ $3::tsquery
        and not product.search_vector @@ $2::tsquery {filters beside words}
        and (select best + rest from counted) + (select best + rest from counted_but_one) < 20
        and (select products from counted_best_but_two) < $4
    limit 500
),

counted_but_two as materialized (
    select
        counted_best_but_two.products as best,
        (select count(*) from rest_but_two) as rest
    from counted_best_but_two
),

matched as (
    select * from best
    union all
    select * from rest
    union all
    select * from best_but_one
    union all
    select * from rest_but_one
    union all
    select * from best_but_two
    union all
    select * from rest_but_two
),

counts as materialized (
    select
        sum(best + rest)::bigint as total,
        max(best) >= $4 or max(rest) >= 500 as bounded
    from (
        select best, rest from counted
        union all
        select best, rest from counted_but_one
        union all
        select best, rest from counted_but_two
    ) as steps
),

ranked as (
    select *
    from matched
    order by dropped, score desc nulls last, static_quality desc, product_id
    limit $4
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
