-- Dictionary words whose beginning may be a misspelled one. Grain: one row per word, at most 20.
-- word_similarity compares the typed letters with the best stretch of the word, so a word half typed is not punished;
-- the edit distance in Python decides.
-- $1 the word under way
select
    term.word,
    term.document_count
from staging_marts.search_term as term
where $1::text <% term.word
order by word_similarity($1::text, term.word) desc, term.document_count desc, term.word
limit 20
