-- Completions by their beginning. Grain: one row per text (names) or code. Ranges are in "C" order. Frequent names
-- have a small index of their own; the others are read only when those are too few. The asked-for language comes
-- first, then the more popular texts.
-- $1 folded beginning or null, $2 its exclusive upper end, $3 language or null, $4 normalised code prefix or null,
-- $5 its exclusive upper end, $6 limit
with frequent as materialized (
    select
        suggestion.text_normalised,
        suggestion.text,
        suggestion.language,
        suggestion.product_count,
        suggestion.popularity
    from staging_marts.search_suggestion as suggestion
    where
        suggestion.text_normalised >= $1::text
        and suggestion.text_normalised < $2::text
        and suggestion.product_count >= 10
    limit 3000
),

rare as materialized (
    select
        suggestion.text_normalised,
        suggestion.text,
        suggestion.language,
        suggestion.product_count,
        suggestion.popularity
    from staging_marts.search_suggestion as suggestion
    where
        suggestion.text_normalised >= $1::text
        and suggestion.text_normalised < $2::text
        and suggestion.product_count < 10
        and (select count(*) from frequent) < $6
    limit 1000
),

names as (
    select distinct on (found.text_normalised)
        found.*,
        found.language = $3::text as asked_for
    from (
        select * from frequent
        union all
        select * from rare
    ) as found
    order by found.text_normalised, asked_for desc nulls last, found.popularity desc, found.language
),

best_names as (
    select *
    from names
    order by asked_for desc nulls last, popularity desc, product_count desc, text
    limit $6
),

codes as (
    select
        found.code_normalised,
        min(found.code_display) as text,
        min(found.product_id) as product_id,
        count(distinct found.product_id) as product_count,
        max(found.static_quality) as static_quality
    from (
        select code.code_normalised, code.code_display, code.product_id, code.static_quality
        from staging_marts.product_code as code
        where code.code_normalised >= $4::text and code.code_normalised < $5::text
        order by code.code_normalised
        limit 1000
    ) as found
    group by found.code_normalised
),

best_codes as (
    select *
    from codes
    order by code_normalised = $4::text desc, static_quality desc, code_normalised
    limit $6
)

select
    false as is_code,
    text,
    language,
    null::bigint as product_id,
    product_count::bigint as product_count,
    row_number() over (order by asked_for desc nulls last, popularity desc, product_count desc, text) as place
from best_names
union all
select
    true,
    text,
    null,
    case when product_count = 1 then product_id end,
    product_count,
    row_number() over (order by code_normalised = $4::text desc, static_quality desc, code_normalised)
from best_codes
order by is_code, place
