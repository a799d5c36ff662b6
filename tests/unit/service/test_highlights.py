"""The marked texts of a hit, put together from pieces, are those of the whole text."""

from hypothesis import given
from hypothesis import strategies as st

from cordsearch.analysis.stem import stem
from service.answers.highlights import Marks
from service.search.highlight import Highlighter, Tags, render
from service.search.query import Query
from service.search.term import Term

OWN = tuple(map(stem, ("фильтр", "масляный")))
OTHER = tuple(map(stem, ("filtr", "oleju")))
QUERY = Query(
    "", "", (Term("фильтр масляный", "word", (OWN, OTHER)), Term("309x242", "size", (("309x242",),))), ("81",)
)
WORDS = st.lists(
    st.sampled_from(
        ["фильтр", "Масляного", "filtr", "oleju", "309", "x", "242", "309х242", "DAF", "81.4", "<b>", "\t", "", "'"]
    ),
    max_size=8,
)


@given(WORDS)
def test_pieces_together_are_the_whole(words: list[str]) -> None:
    text = " ".join(words)
    expected = render(text, Highlighter(QUERY).in_text(text), Tags())
    marks = Marks(QUERY, Tags())
    assert marks.text(text) == expected
    assert marks.text(text) == expected
    assert Marks(QUERY, Tags()).text(f"фильтр {text}") == f"<em>фильтр</em> {expected}"


def test_nothing_is_nothing() -> None:
    marks = Marks(QUERY, Tags())
    assert marks.text(None) is marks.code(None) is None
    assert marks.text("") == marks.code("") == ""


def test_every_text_of_a_hit_is_marked() -> None:
    hit = {
        "name": "Фильтр <масляный>",
        "names": {"ru": "Фильтр <масляный>", "uk": None, "pl": "Filtr oleju"},
        "vendor_code": "81-4",
        "main_original_number": "A 81",
        "original_numbers": ["A 81", "8.1"],
    }
    assert Marks(QUERY, Tags("[", "]")).of(hit, "8 1 5") == {
        "name": "[Фильтр] &lt;[масляный]&gt;",
        "names": {"ru": "[Фильтр] &lt;[масляный]&gt;", "uk": None, "pl": "[Filtr] [oleju]"},
        "vendor_code": "[81]-4",
        "main_original_number": "A 81",
        "original_numbers": ["A 81", "[8.1]"],
        "matched_number": "[8 1] 5",
    }
