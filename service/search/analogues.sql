-- What may replace each of the products asked for. Grain: one row per product asked for and analogue; a product without
-- one has a single row in which the analogue is null, a product that does not exist has none.
-- A number that says nothing makes no analogues: one under four characters, without a digit, of one character only
-- (0000), or one that more than 100 others carry. A product is asked by its first 50 numbers, the vendor code and the
-- main number before the rest, and by its first 500 declared pairs; at most 1,000 analogues are looked at, the declared
-- ones and those with the most numbers in common first.
-- Two makers may use the same digits: what is not declared and is for another make comes last and is marked (of 570 such
-- pairs of the demo catalogue 31 were for another make, and 27 of these another part).
-- $1 product ids, $2 product ids to leave out, $3 limit each; filters: filters.sql
with asked as materialized (
    select
        product.product_id,
        product.car_brand_ids,
        product.analogue_product_ids[1:500] as declared,
        coalesce(cardinality(product.analogue_product_ids), 0) > 500 as has_more
    from staging_marts.dim_product_search as product
    where product.product_id = any($1::bigint[])
),

own as (
    select
        asked.product_id,
        number.*
    from asked
    cross join lateral (
        select
            code.code_normalised,
            min(code.code_display) as code_display,
            bool_or(code.kind = 0) as is_vendor_code,
            bool_or(code.kind > 0) as is_original
        from staging_marts.product_code as code
        where
            code.product_id = asked.product_id
            and length(code.code_normalised) >= 4
            and code.code_normalised ~ '[0-9]'
            and code.code_normalised <> repeat(left(code.code_normalised, 1), length(code.code_normalised))
        group by code.code_normalised
        order by min(code.kind), code.code_normalised
        limit 50
    ) as number
),

sharing as (
    select
        own.product_id,
        other.product_id as analogue_id,
        own.code_display,
        own.is_original and other.kind > 0 as is_shared
    from own
    cross join lateral (
        select
            bounded.product_id,
            bounded.kind,
            count(*) over () as carriers
        from (
            select code.product_id, code.kind
            from staging_marts.product_code as code
            where code.code_normalised = own.code_normalised and code.product_id <> own.product_id
            limit 101
        ) as bounded
    ) as other
    where other.carriers <= 100 and (own.is_original or other.kind > 0)
),

found as (
    select
        together.product_id,
        together.analogue_id,
        bool_or(together.declared) as declared,
        array_agg(distinct together.code_display) filter (where together.is_shared) as shared_numbers,
        array_agg(distinct together.code_display) filter (where not together.is_shared) as vendor_codes
    from (
        select asked.product_id, pair.analogue_id, true as declared, null as code_display, null::boolean as is_shared
        from asked
        cross join lateral unnest(asked.declared) as pair (analogue_id)
        union all
        select product_id, analogue_id, false, code_display, is_shared
        from sharing
    ) as together
    where together.analogue_id <> all($2::bigint[])
    group by together.product_id, together.analogue_id
),

bounded as materialized (
    select
        *,
        count(*) over () as considered
    from found
    order by declared desc, cardinality(shared_numbers) desc nulls last, analogue_id
    limit 1000
),

judged as (
    select
        bounded.*,
        coalesce(product.available_quantity, 0) > 0 as available,
        coalesce(product.popularity, 0) as popularity,
        coalesce(product.static_quality, 0) as static_quality,
        coalesce(
            not bounded.declared
            and cardinality(asked.car_brand_ids) > 0
            and cardinality(product.car_brand_ids) > 0
            and not product.car_brand_ids && asked.car_brand_ids,
            false
        ) as other_make
    from bounded
    inner join asked on asked.product_id = bounded.product_id
    inner join staging_marts.dim_product_search as product on product.product_id = bounded.analogue_id
    where true {filters}
),

ranked as (
    select
        judged.*,
        count(*) over (partition by judged.product_id) as total,
        row_number() over (
            partition by judged.product_id
            order by
                judged.other_make,
                (judged.declared and (judged.shared_numbers is not null or judged.vendor_codes is not null)) desc,
                judged.available desc,
                judged.popularity desc,
                judged.static_quality desc,
                judged.analogue_id
        ) as place
    from judged
)

select
    asked.product_id,
    ranked.analogue_id,
    ranked.declared,
    ranked.shared_numbers[1:10] as shared_numbers,
    ranked.vendor_codes[1:10] as vendor_codes,
    ranked.other_make,
    coalesce(ranked.total, 0) as total,
    asked.has_more or coalesce(ranked.considered, 0) > 1000 as is_bounded
from asked
left join ranked on ranked.product_id = asked.product_id and ranked.place <= $3
order by asked.product_id, ranked.place
