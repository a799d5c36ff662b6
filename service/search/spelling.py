"""Dictionary neighbours of misspelled words.

Stage: service, the second half of understanding, only for queries with unknown words. Reads ``search_term``; writes
nothing. Trigram similarity proposes a bounded number of words, the edit distance decides.
"""

from collections.abc import Sequence

from rapidfuzz.distance import OSA

from cordsearch.analysis.stem import stem
from cordsearch.sql import load_query
from service.search.languages import ALL_SEARCHED, SearchedLanguages
from service.search.query import Query, Spelling, allowed_distance, spelling_forms
from service.search.rows import Connection


async def look_up_neighbours(
    connection: Connection, query: Query, languages: SearchedLanguages = ALL_SEARCHED
) -> dict[str, Sequence[Spelling]]:
    """Return, for every unknown word of ``query``, the known words within the edits :func:`allowed_distance` allows.

    The distance is optimal string alignment (Damerau-Levenshtein without overlapping edits): a swapped pair of letters,
    the commonest slip, is one edit. One round trip.
    """
    readings = [(word, form, kind) for word in query.unknown for form, kind in spelling_forms(word, languages)]
    rows = await connection.fetch(load_query(__file__, "spelling.sql"), [form for _, form, _ in readings])
    near: dict[str, list[tuple[str, str, int]]] = {}
    for row in rows:
        near.setdefault(row["typed"], []).append((row["word"], row["lexeme"], row["document_count"]))
    found: dict[str, list[Spelling]] = {word: [] for word in query.unknown}
    for word, form, kind in readings:
        limit = allowed_distance(form)
        form_stem = stem(form)
        for known, lexeme, count in near.get(form, ()):
            # By stems too: the dictionary may have the word only in another form than the misspelled one.
            distance = min(OSA.distance(form, known), OSA.distance(form_stem, lexeme))
            if distance <= limit:
                found[word].append(Spelling(known, lexeme, distance, count, kind))
    return dict(found)
