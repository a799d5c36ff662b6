"""Small builders for the pure parts of a search."""

from collections.abc import Iterable, Sequence

from cordsearch.analysis.languages import LANGUAGES, Language
from cordsearch.analysis.stem import stem
from service.search.candidate import Candidate, Fused, Retrieved, RetrieverRun, Signals
from service.search.languages import searched_languages
from service.search.vocabulary import CatalogueVocabulary


def signals(**changes: float | bool) -> Signals:
    values: dict[str, float | bool] = {
        "available": False,
        "popularity": 0.0,
        "freshness": 0.0,
        "data_quality": 0.0,
        "static_quality": 0.0,
        "has_image": False,
        "has_price": False,
        "for_web": False,
    }
    return Signals(**(values | changes))  # type: ignore[arg-type]


def candidate(product_id: int, score: float = 1.0, coverage: float = 1.0) -> Candidate:
    return Candidate(product_id, score, coverage, "matched", signals())


def run(name: str, product_ids: Iterable[int]) -> RetrieverRun:
    found = [candidate(product_id, 1 / rank) for rank, product_id in enumerate(product_ids, start=1)]
    return RetrieverRun(name, "ok", 1.0, Retrieved(found, len(found), bounded=False))


def fused(product_id: int, score: float, coverage: float = 1.0, **changes: float | bool) -> Fused:
    return Fused(product_id, score, coverage, (), signals(**changes))


def vocabulary(*words: str, languages: Sequence[Language] = LANGUAGES) -> CatalogueVocabulary:
    rows = ((word, stem(word), 100 - place) for place, word in enumerate(words))
    return CatalogueVocabulary(rows, languages=searched_languages(languages))
