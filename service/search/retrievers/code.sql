-- Products by part number. Grain: one row per product, exact matches first, then the best products whose code begins
-- with a typed one. Each range gives at most 1,000 entries, so a short prefix costs no more than a long one.
-- $1 normalised codes, $2 exclusive upper ends of their prefix ranges, $3 limit, $4 condition of the words beside the
-- codes (text of a tsquery) or null; found: code_found.sql or, behind a filter on the supplier, code_of_supplier.sql
with typed as (
    select code, beyond
    from unnest($1::text[], $2::text[]) as given (code, beyond)
),

{found}

products as (
    select distinct on (product_id)
        product_id,
        code_display,
        static_quality,
        code_normalised = typed_code as exact,
        length(typed_code)::real / length(code_normalised) as share
    from found
    order by product_id, exact desc, kind, share desc
),

best as (
    select
        *,
        count(*) over () as total
    from products
    order by exact desc, static_quality desc, product_id
    limit $3
)

select
    best.product_id,
    best.code_display,
    best.exact,
    best.total,
    coalesce(product.search_vector @@ $4::text::tsquery, true) as has_words,
    dense_rank() over (order by product.car_brand_names) as make,
    (select count(*) from found) >= 1000 as bounded,
    (case when best.exact then 1 else best.share end)::real as score,
    coalesce(product.available_quantity, 0) > 0 as available,
    coalesce(product.popularity, 0) as popularity,
    coalesce(product.freshness, 0) as freshness,
    coalesce(product.data_quality, 0) as data_quality,
    coalesce(product.static_quality, 0) as static_quality,
    coalesce(product.has_image, false) as has_image,
    product.price is not null as has_price,
    coalesce(product.is_for_web, false) as for_web
from best
inner join staging_marts.dim_product_search as product on product.product_id = best.product_id
order by best.exact desc, has_words desc, best.static_quality desc, best.product_id
