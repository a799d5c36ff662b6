-- Completions that are too rare to be held in memory, by their beginning. Grain: one row per normalised text.
-- Ranges are in "C" order. The asked-for language comes first, then the more popular texts.
-- $1 folded beginning, $2 its exclusive upper end, $3 language or null, $4 limit
with found as materialized (
    select
        suggestion.text_normalised,
        suggestion.text,
        suggestion.language,
        suggestion.product_count,
        suggestion.popularity,
        suggestion.language = $3::text as asked_for
    from staging_marts.search_suggestion as suggestion
    where suggestion.text_normalised >= $1::text and suggestion.text_normalised < $2::text
    limit 1000
)

select
    text_normalised,
    text,
    language,
    product_count,
    popularity
from found
order by asked_for desc nulls last, popularity desc, product_count desc, text asc
limit $4
