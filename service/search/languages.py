"""The languages a shop searches, and what belongs to them. Pure.

Stage: service, understanding. Reads the table of synonyms, once per choice; writes nothing. What belongs to a language
that is left out is never tried: its keyboard layout, spellings in its script, its stop words, synonyms and names.

Stems do not depend on the choice: Russian and Ukrainian share one stemmer, Polish and English another, and a query must
be stemmed as the documents are. Makes and models belong to no language.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from cordsearch.analysis.keyboard_layout import LayoutCandidate, repair_candidates
from cordsearch.analysis.languages import LANGUAGES, Language, may_be_in
from cordsearch.analysis.lexemes import stop_words_of
from cordsearch.analysis.normalise import script_of
from cordsearch.analysis.transliteration import cyrillic_to_latin, latin_to_cyrillic
from service.search.synonyms import Synonyms, load_synonyms


@dataclass(frozen=True, slots=True)
class SearchedLanguages:
    """What the chosen languages bring."""

    chosen: frozenset[Language]
    stop_words: frozenset[str]
    synonyms: Synonyms

    def on_other_layouts(self, text: str) -> tuple[LayoutCandidate, ...]:
        """Return what the keys of ``text`` give on the layouts of the searched languages."""
        return repair_candidates(text, self.chosen)

    def in_other_script(self, word: str) -> Sequence[str]:
        """Return spellings of a folded ``word`` in the other script, likeliest first, that a searched language has."""
        spell = cyrillic_to_latin if script_of(word) == "cyrillic" else latin_to_cyrillic
        spelled = spell(word)
        return spelled if len(self.chosen) == len(LANGUAGES) else [each for each in spelled if self.has(each)]

    def has(self, word: str) -> bool:
        """Tell whether a folded ``word`` may be of a searched language."""
        return may_be_in(word, self.chosen)


def searched_languages(chosen: Iterable[Language]) -> SearchedLanguages:
    """Return what the languages ``chosen`` bring; the same object for the same choice."""
    return _searched(frozenset(chosen))


@cache
def _searched(chosen: frozenset[Language]) -> SearchedLanguages:
    return SearchedLanguages(chosen, stop_words_of(chosen), load_synonyms(chosen))


ALL_SEARCHED: Final = searched_languages(LANGUAGES)
