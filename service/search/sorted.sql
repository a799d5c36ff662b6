-- The products of one page in an order other than by relevance. Grain: one row per product, in that order; ties by id.
-- Sorted is what has all the words or the number; only where there is neither, the candidates. What is merely near in
-- meaning would stand first among the cheapest. At most $7 products with all the words are read, the best ones.
-- Names are in alphabetical order of four languages: letters that Unicode puts elsewhere stand beside their neighbours.
-- $1 all words (text of a tsquery) or null, $2 products with the number, $3 candidates, $4 products shown already,
-- $5 order, $6 language of names, $7 products read, $8 limit; filters: filters.sql
with worded as materialized (
    select
        product.product_id,
        {keys}
    from staging_marts.dim_product_search as product
    where product.search_vector @@ $1::tsquery {filters beside words}
    limit $7 + 1
),

matched as materialized (
    select *
    from worded
    union all
    select
        product.product_id,
        {keys}
    from staging_marts.dim_product_search as product
    where
        product.product_id = any(
            case
                when cardinality($2::bigint[]) > 0 or exists (select from worded) then $2::bigint[]
                else $3::bigint[]
            end
        )
        and (product.search_vector @@ $1::tsquery) is not true
),

page as materialized (
    select *
    from matched
    where product_id <> all($4::bigint[])
    order by number_key nulls last, text_key nulls last, product_id
    limit $8
)

select
    page.product_id,
    (select count(*) from matched) as total,
    (select count(*) from worded) > $7 as bounded,
    coalesce(product.available_quantity, 0) > 0 as available,
    coalesce(product.popularity, 0) as popularity,
    coalesce(product.freshness, 0) as freshness,
    coalesce(product.data_quality, 0) as data_quality,
    coalesce(product.static_quality, 0) as static_quality,
    coalesce(product.has_image, false) as has_image,
    product.price is not null as has_price,
    coalesce(product.is_for_web, false) as for_web
from page
inner join staging_marts.dim_product_search as product on product.product_id = page.product_id
order by page.number_key nulls last, page.text_key nulls last, page.product_id
