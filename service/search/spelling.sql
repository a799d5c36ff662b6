-- Dictionary words near misspelled ones. Grain: typed word x neighbour, at most 20 each.
-- search_term holds words only, no codes: 20,000-50,000 rows, under 3 ms (a dictionary with codes took 30-220 ms).
-- $1 typed words
select
    typed.word as typed,
    near.word,
    near.lexeme,
    near.document_count
from unnest($1::text[]) as typed (word)
cross join lateral (
    select
        term.word,
        term.lexeme,
        term.document_count
    from staging_marts.search_term as term
    where term.word % typed.word
    order by similarity(term.word, typed.word) desc, term.document_count desc, term.word
    limit 20
) as near
