-- Part numbers by their beginning. Grain: one row per normalised code; the names only where the code is of one product.
-- $1 normalised code prefix, $2 its exclusive upper end, $3 limit
with codes as (
    select
        found.code_normalised,
        min(found.code_display) as text,
        min(found.product_id) as product_id,
        count(distinct found.product_id) as product_count,
        max(found.static_quality) as static_quality
    from (
        select code.code_normalised, code.code_display, code.product_id, code.static_quality
        from staging_marts.product_code as code
        where code.code_normalised >= $1::text and code.code_normalised < $2::text
        order by code.code_normalised
        limit 1000
    ) as found
    group by found.code_normalised
    order by found.code_normalised = $1::text desc, max(found.static_quality) desc, found.code_normalised
    limit $3
)

select
    codes.text,
    codes.product_count,
    case when codes.product_count = 1 then codes.product_id end as product_id,
    product.name_ru,
    product.name_uk,
    product.name_pl
from codes
left join staging_marts.dim_product_search as product
    on codes.product_id = product.product_id and codes.product_count = 1
order by codes.code_normalised = $1::text desc, codes.static_quality desc, codes.code_normalised
