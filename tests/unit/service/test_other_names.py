"""Words that name a part also ask for its other names."""

from cordsearch.analysis.stem import stem
from service.search.other_names import OtherNames, parse_other_names
from service.search.query import Query, understand
from service.search.vocabulary import CatalogueVocabulary

WORDS = "fifth wheel седло тягача reflektor przeciwmgielny фара головного света lewy daf левый фильтр воздуха"
OTHERS: dict[str, OtherNames] = {
    "fifth wheel": parse_other_names(["седло тягача", "siodlo ciagnika"], whole=False),
    "wheel": parse_other_names(["колесо"], whole=False),
    stem("reflektor"): parse_other_names(["фара головного света"], whole=True),
    f"{stem('reflektor')} {stem('lewy')}": parse_other_names(["фара левая"], whole=True),
}


def read(text: str) -> Query:
    rows = [(word, stem(word), 10) for word in WORDS.split()]
    return understand(text, CatalogueVocabulary(rows, OTHERS))


def test_the_longest_phrase_becomes_one_term_with_every_name() -> None:
    query = read("fifth wheel")
    assert [term.text for term in query.terms] == ["fifth wheel"]
    alternatives = query.terms[0].alternatives
    assert alternatives[0] == ("fifth", "wheel")
    assert (stem("седло"), stem("тягача")) in alternatives
    assert query.to_encode == "fifth wheel седло тягача"


def test_what_stands_beside_the_phrase_stays() -> None:
    query = read("fifth wheel left daf")
    assert [(term.text, term.is_vehicle) for term in query.terms] == [
        ("fifth wheel", False),
        ("left", False),
        ("daf", True),
    ]
    assert query.repaired == "fifth wheel left daf"  # what is shown is what was typed


def test_a_name_is_translated_only_where_it_is_the_whole_part() -> None:
    assert read("reflektor daf").other_name == "фара головного света"
    assert read("reflektor przeciwmgielny").other_name == ""
    assert read("reflektor lewy").other_name == ""  # "left" has synonyms of its own


def test_words_that_are_not_side_by_side_are_no_phrase() -> None:
    assert read("fifth 105 wheel").other_name == "колесо"


def test_a_query_without_other_names_is_encoded_as_it_is() -> None:
    query = read("фильтр воздуха")
    assert (query.to_encode, query.other_name, len(query.terms)) == ("фильтр воздуха", "", 2)


def test_the_beginning_of_a_word_is_no_name() -> None:
    query = read("reflekt")
    assert (query.terms[0].kind, query.other_name) == ("prefix", "")
