-- The phrases that are held in memory: the most frequent ones. Grain: one row per normalised text and language.
-- $1 limit
select
    text_normalised,
    text,
    language,
    product_count,
    popularity
from staging_marts.search_suggestion
order by product_count desc, text_normalised asc, language asc
limit $1
