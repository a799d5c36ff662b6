from struct import unpack_from
from typing import Any

from embeddings.search_document import DocumentFields, search_vector, weighted_lexemes


def decode(binary: bytes) -> dict[str, list[tuple[int, str]]]:
    """Read the binary form of a tsvector back."""
    (count,), at, found = unpack_from(">i", binary), 4, {}
    for _ in range(count):
        end = binary.index(b"\0", at)
        text = binary[at:end].decode()
        (positions,) = unpack_from(">H", binary, end + 1)
        numbers = unpack_from(f">{positions}H", binary, end + 3)
        found[text] = [(number & 0x3FFF, "DCBA"[number >> 14]) for number in numbers]
        at = end + 3 + 2 * positions
    assert at == len(binary)
    return found


def fields(**texts: Any) -> DocumentFields:
    empty = DocumentFields(None, None, None, None, None, (), (), ())
    return empty._replace(**texts)


def test_fields_carry_their_weights() -> None:
    document = fields(name_ru="фара", synonyms="прожектор", car_brand_names=("DAF",), group_names=("Свет",))
    weights = {lexeme: {weight for _, weight in places} for lexeme, places in decode(search_vector(document)).items()}
    assert sorted(weights.values(), key=str) == [{"A"}, {"B"}, {"B"}, {"C"}]


def test_equal_names_are_indexed_once() -> None:
    places = decode(search_vector(fields(name_ru="фара", name_uk="фара")))
    assert list(places.values()) == [[(1, "A")]]


def test_words_of_two_fields_are_not_neighbours() -> None:
    places = decode(search_vector(fields(name_ru="фара", name_pl="reflektor")))
    (first,), (second,) = places.values()
    assert second[0] - first[0] > 1


def test_positions_of_a_lexeme_rise_and_are_bounded() -> None:
    (places,) = weighted_lexemes([("A", "тяга " * 20_000)]).values()
    assert len(places) <= 255
    assert places == sorted(set(places))


def test_words_beyond_the_last_position_are_left_out() -> None:
    found = weighted_lexemes([("A", " ".join(f"w{number:05}" for number in range(20_000)))])
    assert max(place & 0x3FFF for places in found.values() for place in places) == 16_383


def test_a_lexeme_too_long_for_a_tsvector_is_left_out() -> None:
    assert list(weighted_lexemes([("A", "я" * 1_023 + "ф" + " тяг")])) == ["тяг".encode()]


def test_a_product_without_text_has_an_empty_document() -> None:
    assert decode(search_vector(fields())) == {}
