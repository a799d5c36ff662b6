"""What a person is told of how a query was read."""

import pytest

from cordsearch.analysis.stem import stem
from service.search.candidate import Evidence, Fused, Ranked
from service.search.query import Query, correct_spelling, understand
from service.search.reading import did_you_mean, match_of, relaxed, showing_results_for
from service.search.term import Term
from service.search.vocabulary import CatalogueVocabulary
from tests.unit.service.builders import signals, vocabulary

PART = Term("фильтр", "word", (("фильтр",),))
KIND = Term("масляный", "word", (("масля",),))
MAKE = Term("daf", "word", (("daf",),), is_vehicle=True)
BEGINNING = Term("масл", "prefix", (("масля",), ("масл",)))
RESPELLED = Term("масляный", "spelling", (("масля",),))


def query(*terms: Term, unknown: tuple[str, ...] = ()) -> Query:
    text = " ".join(term.text for term in terms)
    return Query(text, text, terms, (), unknown=unknown)


def found(coverage: float, **scores: float) -> Fused:
    evidence = tuple(Evidence(name, 1, score, "matched") for name, score in scores.items())
    return Fused(1, 1.0, coverage, evidence, signals())


def ranked(*each: Fused) -> list[Ranked]:
    return [Ranked(fused, 1.0, 1.0) for fused in each]


@pytest.mark.parametrize(
    ("fused", "asked", "match"),
    [
        (found(1.0, code=1.0, vector=0.5), query(PART), "code"),
        (found(0.5, code=0.4), query(PART), "code_beginning"),
        (found(1.0, fulltext=0.4, vector=0.5), query(PART, KIND), "all_words"),
        (found(1.0, code=0.4, fulltext=0.4), query(PART, KIND), "all_words"),
        (found(1.0, fulltext=0.4), query(PART, BEGINNING), "word_beginning"),
        (found(0.5, fulltext=0.4, vector=0.9), query(PART, KIND), "some_words"),
        (found(0.9, trigram=0.4), query(PART, RESPELLED), "respelled"),
        (found(0.45, trigram=0.4), query(PART, RESPELLED), "some_words"),
        (found(0.0, vector=0.9), query(PART, KIND), "meaning"),
    ],
)
def test_the_strictest_reason_counts(fused: Fused, asked: Query, match: str) -> None:
    assert match_of(fused, asked) == match


def test_nothing_is_relaxed_where_something_matches_all() -> None:
    hits = ranked(found(0.5, fulltext=0.3), found(1.0, fulltext=0.2), found(0.0, vector=0.9))
    assert relaxed(query(PART, KIND), hits) is None
    assert relaxed(query(PART), ranked(found(1.0, code=1.0))) is None


def test_what_was_given_up_is_said_the_strictest_first() -> None:
    hits = ranked(found(0.0, vector=0.9), found(0.5, fulltext=0.3))
    told = relaxed(query(PART, KIND), hits)
    assert told is not None
    assert (told.steps, told.left_out) == (("some_words", "meaning"), ())


def test_the_words_that_are_known_to_be_left_out_are_named() -> None:
    told = relaxed(query(PART, KIND, MAKE), ranked(found(2 / 3, fulltext=0.3)))
    assert told is not None
    assert told.left_out == ("daf",)
    told = relaxed(query(PART, KIND, unknown=("гыгыгы",)), ranked(found(2 / 3, fulltext=0.3)))
    assert told is not None
    assert told.left_out == ("гыгыгы",)
    told = relaxed(query(unknown=("гыгыгы",)), [])
    assert told is not None
    assert (told.steps, told.left_out) == ((), ("гыгыгы",))


def test_the_query_as_searched_is_told_only_when_it_was_corrected() -> None:
    words = vocabulary("тяга", "рулевая")
    assert showing_results_for(understand("nzuf рулевая", words)) == "тяга рулевая"
    assert showing_results_for(understand("Тяга рулевая", words)) is None
    assert showing_results_for(correct_spelling(understand("гыгыгы", words), {})) is None


def test_a_rare_word_is_doubted_beside_a_far_commoner_one_and_a_vehicle_never() -> None:
    counts = {"тормозные": 9000, "тормозыне": 2, "колодки": 5000, "actros": 3000, "actrus": 1}
    words = CatalogueVocabulary((word, stem(word), count) for word, count in counts.items())
    assert did_you_mean(understand("Колодки тормозыне", words), words) == "колодки тормозные"
    assert did_you_mean(understand("колодки тормозные", words), words) is None
    assert did_you_mean(understand("гыгыгы SEM143", words), words) is None
    asked = query(PART, Term("actrus", "word", (("actrus",),), is_vehicle=True))
    assert did_you_mean(asked, words) is None
