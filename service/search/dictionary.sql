-- All words of the catalogue. Grain: one row per word.
select
    word,
    lexeme,
    document_count
from staging_marts.search_term
