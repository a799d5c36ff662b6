"""Completions as the records of a query suggestions index. Pure.

Stage: service, HTTP. Reads the answer of autocomplete; writes the ``hits`` of a result. The fields are those of the
original's suggestions (``query``, ``nb_words``, ``popularity``), and beside them what the completion is.
https://www.algolia.com/doc/guides/building-search-ui/ui-and-ux-patterns/query-suggestions/js
"""

import re
from typing import Any, Final

from cordsearch.analysis.normalise import fold_text
from service.instantsearch.asked import AskedSearch
from service.instantsearch.highlights import Marks, mark
from service.search.autocomplete import Suggestion
from service.search.highlight import Span

Json = dict[str, Any]
MOST_SUGGESTIONS: Final = 20
_WORD: Final = re.compile(r"\w+")


def suggestion_hit(suggestion: Suggestion, asked: AskedSearch) -> Json:
    """Return the record of one completion, with what was typed of it marked."""
    text = suggestion.text
    spans = typed_places(text, asked.text)
    value, whole = mark(text, spans, Marks(asked.pre_tag, asked.post_tag))
    words = list(dict.fromkeys(span.asked for span in spans))
    typed = frozenset(_WORD.findall(fold_text(asked.text)))
    highlighted: Json = {"value": value, "matchLevel": "none", "matchedWords": []}
    if words:
        level = "full" if typed.issubset(words) else "partial"
        highlighted |= {"matchLevel": level, "fullyHighlighted": whole, "matchedWords": words}
    return {
        "objectID": text,
        "query": text,
        "nb_words": len(text.split()),
        "popularity": suggestion.product_count or 0,
        "kind": suggestion.kind,
        "language": suggestion.language,
        "product_id": suggestion.product_id,
        "detail": suggestion.detail,
        "_highlightResult": {"query": highlighted},
    }


def typed_places(text: str, typed: str) -> list[Span]:
    """Return where words of ``text`` begin as a word of ``typed`` does, each the length of what was typed."""
    begun = sorted(_WORD.findall(fold_text(typed)), key=len, reverse=True)
    places: list[Span] = []
    for word in _WORD.finditer(text):
        folded = fold_text(word[0])
        start = next((each for each in begun if folded.startswith(each)), None)
        if start is not None and len(folded) == len(word[0]):
            places.append(Span(word.start(), word.start() + len(start), start))
    return places
