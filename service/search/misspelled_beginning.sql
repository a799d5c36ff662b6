-- The dictionary word whose beginning is nearest to what is being typed. At most one row.
-- word_similarity compares the typed letters with the best stretch of the word, so a word half typed is not punished.
-- $1 the word under way
select term.word
from staging_marts.search_term as term
where $1::text <% term.word
order by
    word_similarity($1::text, term.word) desc,
    left(term.word, 1) = left($1::text, 1) desc,
    term.document_count desc,
    term.word
limit 1
