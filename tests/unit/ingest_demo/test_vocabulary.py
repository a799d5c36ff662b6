"""The words of the demo catalogue."""

import re
import shutil
from pathlib import Path

import pytest

from ingest.demo.vocabulary import VOCABULARY_DIRECTORY, VocabularyError, load_vocabulary

_CYRILLIC_AND_LATIN = re.compile(r"[A-Za-z][а-яёіїєґА-ЯЁІЇЄҐ]|[а-яёіїєґА-ЯЁІЇЄҐ][A-Za-z]")


def test_at_least_300_part_types_have_names_in_four_languages() -> None:
    complete = [each for each in load_vocabulary().part_types if all(each.names[code] for code in each.names)]
    assert len(complete) >= 300
    assert set(complete[0].names) == {"ru", "uk", "pl", "en"}


def test_keys_are_unique() -> None:
    vocabulary = load_vocabulary()
    for entries in (vocabulary.part_types, vocabulary.groups, vocabulary.categories):
        keys = [each.key for each in entries]
        assert len(keys) == len(set(keys))


def test_no_word_mixes_alphabets() -> None:
    texts = "".join(path.read_text(encoding="utf-8") for path in VOCABULARY_DIRECTORY.glob("*.tsv"))
    assert _CYRILLIC_AND_LATIN.findall(texts) == []


def test_russian_names_have_no_ukrainian_letters_and_the_other_way_round() -> None:
    for part_type in load_vocabulary().part_types:
        assert not re.search("[іїєґ]", part_type.names["ru"].lower()), part_type.key
        assert not re.search("[ыэёъ]", part_type.names["uk"].lower()), part_type.key


def test_only_the_supplier_of_the_reference_queries_has_its_prefix() -> None:
    prefixes = [brand.code_prefix for brand in load_vocabulary().brands]
    assert sum(prefix.startswith("SEM") for prefix in prefixes) == 1


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    return Path(shutil.copytree(VOCABULARY_DIRECTORY, tmp_path / "vocabulary"))


def test_a_missing_file_is_named(copied: Path) -> None:
    (copied / "brands.tsv").unlink()
    with pytest.raises(VocabularyError, match=r"brands\.tsv"):
        load_vocabulary(copied)


def test_an_unknown_group_is_named(copied: Path) -> None:
    file = copied / "part_types.tsv"
    header, first, *_ = file.read_text(encoding="utf-8").splitlines()
    file.write_text("\n".join((header, first.replace("\tbrakes\t", "\tspace ships\t"))), encoding="utf-8")
    with pytest.raises(VocabularyError, match="space ships"):
        load_vocabulary(copied)


def test_a_number_that_is_none_is_reported_with_its_entry(copied: Path) -> None:
    (copied / "brands.tsv").write_text("name\tcode_prefix\tweight\tcountry\nSEM\tSEM\tmany\tTR\n", encoding="utf-8")
    with pytest.raises(VocabularyError, match=r"'SEM'.*many"):
        load_vocabulary(copied)


def test_a_missing_column_is_reported(copied: Path) -> None:
    (copied / "brands.tsv").write_text("name\tcode_prefix\nSEM\tSEM\n", encoding="utf-8")
    with pytest.raises(VocabularyError, match="weight"):
        load_vocabulary(copied)
