"""Phrases, vehicles and slugs."""

import numpy as np
import pytest

from ingest.demo.names import build_phrases, choose_phrases, phrase, qualifier_choices, slug, spaced, vehicle_texts
from ingest.demo.vocabulary import PartType, Vocabulary, load_vocabulary


@pytest.fixture(scope="module")
def vocabulary() -> Vocabulary:
    return load_vocabulary()


def part(vocabulary: Vocabulary, key: str) -> PartType:
    return next(each for each in vocabulary.part_types if each.key == key)


@pytest.mark.parametrize(
    ("key", "qualifiers", "language", "expected"),
    [
        ("brake_pads", ("front",), "ru", "Колодки тормозные передние"),
        ("brake_pads", ("rear",), "uk", "Колодки гальмівні задні"),
        ("brake_pads", ("front",), "pl", "Klocki hamulcowe przednie"),
        ("shock_absorber", ("front", "reinforced"), "ru", "Амортизатор передний усиленный"),
        ("shock_absorber", ("rear",), "pl", "Amortyzator tylny"),
        ("brake_cylinder", ("right", "upper"), "uk", "Циліндр гальмівний правий верхній"),
        ("engine_mount", ("right",), "ru", "Опора двигателя правая"),
    ],
)
def test_qualifiers_agree_with_the_noun(
    vocabulary: Vocabulary, key: str, qualifiers: tuple[str, ...], language: str, expected: str
) -> None:
    assert phrase(vocabulary, part(vocabulary, key), qualifiers, language) == expected


def test_opposites_never_meet(vocabulary: Vocabulary) -> None:
    opposites = ({"front", "rear"}, {"left", "right"}, {"upper", "lower"}, {"inner", "outer"})
    for part_type in vocabulary.part_types:
        for choice in qualifier_choices(part_type):
            assert not any(pair <= set(choice) for pair in opposites)


def test_a_chosen_phrase_is_of_its_part_type(vocabulary: Vocabulary) -> None:
    phrases = build_phrases(vocabulary)
    part_types = np.arange(len(vocabulary.part_types))
    for chance in (0.0, 0.3, 0.999_999_999, 1.0):
        chosen = choose_phrases(phrases, part_types, np.full(len(part_types), chance))
        assert (phrases.part_type[chosen] == part_types).all()


def test_every_phrase_fits_the_column_with_room_for_a_vehicle(vocabulary: Vocabulary) -> None:
    texts = build_phrases(vocabulary).texts
    longest = max(len(text) for pool in texts.values() for text in pool.tolist())
    vehicle = max(map(len, vehicle_texts(vocabulary.vehicles).tolist()))
    assert longest + vehicle + len(" 360x190x40 EURO-6 ") <= 120


def test_slugs_are_plain_letters() -> None:
    assert slug("Щиток гальмівний задній") == "shchytok-halmivnyi-zadnii"
    assert slug("Śruba łącznikowa M12x1.5") == "sruba-lacznikowa-m12x1-5"
    assert slug("Стрем'янка, ø20") == slug("Стрем'янка ø20")


def test_a_model_is_spaced_before_its_number() -> None:
    assert spaced("XF105") == "XF 105"
    assert spaced("Actros") == "Actros"
