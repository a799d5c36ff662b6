"""Stage: demo source. Reads the plan and its phrases; writes the name columns of ``dbo.Product``, dirt included.

Anchored products stay clean.
"""

from collections.abc import Callable

import numpy as np

from ingest.demo import dirt
from ingest.demo.chunk import DIRT, Chunk
from ingest.demo.names import PLAIN_VEHICLE_STYLE, SPACED_VEHICLE_STYLE, vehicle_style_indexes
from ingest.demo.rows import NULL, Block, Texts, pick, pool_of

_STYLE_CHANCES = np.cumsum((0.12, 0.22, 0.42, 0.09, 0.08, 0.07))
_SUFFIXES = pool_of(("", " EURO-5", " EURO-6", " ABS", " EBS", " LH", " RH", " LHD", " OE", " KIT", " HD", " 24V"))
_SUFFIX_SHARE = 0.05
_NAMES = ("Name", "NameUA", "NamePL")


def write_names(chunk: Chunk, vehicles: Texts, block: Block) -> None:
    """Put the names and their search forms into ``block``; ``vehicles`` comes from names.vehicle_texts."""
    plan = chunk.plan
    tails = _tails(chunk, vehicles)
    phrase = chunk.of(plan.phrase)
    short = chunk.chance(DIRT["short_pl"])
    names = {
        language: [text + tail for text, tail in zip(pick(plan.phrases.texts[language], phrase), tails, strict=True)]
        for language in ("ru", "uk", "pl")
    }
    brief = pick(plan.phrases.texts["pl_short"], phrase)
    for place in np.flatnonzero(short).tolist():
        names["pl"][place] = brief[place] + tails[place].upper()
    _spoil(chunk, names)
    for column, language in zip(_NAMES, ("ru", "uk", "pl"), strict=True):
        block[column] = names[language]
    has_search = chunk.chance(0.9).tolist()
    for column in _NAMES:
        block[f"Search{column}"] = [
            dirt.search_form(name) if there and name != NULL else NULL
            for name, there in zip(block[column], has_search, strict=True)
        ]


def _tails(chunk: Chunk, vehicles: Texts) -> list[str]:
    """Return what follows the phrase: vehicle, size, suffix, each of them often empty."""
    plan, random = chunk.plan, chunk.random
    family = chunk.of(plan.family)
    styles = np.searchsorted(_STYLE_CHANCES, random.random(chunk.count) * _STYLE_CHANCES[-1], side="right")
    here = slice(chunk.start, chunk.stop)
    styles = np.where(plan.anchored[here], PLAIN_VEHICLE_STYLE, styles)
    styles = np.where(plan.spaced[here], SPACED_VEHICLE_STYLE, styles)
    made_for = pick(vehicles, vehicle_style_indexes(plan.families.vehicle[family], styles))
    sizes = pick(_with_space(plan.sizes), np.where(chunk.chance(0.45), plan.families.size[family], 0))
    suffixes = pick(
        _SUFFIXES, np.where(chunk.chance(_SUFFIX_SHARE), random.integers(1, len(_SUFFIXES), chunk.count), 0)
    )
    return [f"{vehicle}{size}{suffix}" for vehicle, size, suffix in zip(made_for, sizes, suffixes, strict=True)]


def _with_space(sizes: Texts) -> Texts:
    return pool_of([f" {size}" if size else "" for size in sizes.tolist()])


def _spoil(chunk: Chunk, names: dict[str, list[str]]) -> None:
    """Put in the dirt, the milder kinds first, so that each kind keeps its rate."""
    ru, uk, pl = names["ru"], names["uk"], names["pl"]
    choices = chunk.random.integers(0, 1 << 16, chunk.count).tolist()
    steps: tuple[tuple[str, list[str], Callable[[int], str]], ...] = (
        ("russian_uk", uk, lambda place: ru[place]),
        ("half_russian_uk", uk, lambda place: dirt.half_russian(uk[place], ru[place])),
        ("apostrophe", uk, lambda place: dirt.respell_apostrophe(uk[place], choices[place])),
        ("capitals", ru, lambda place: ru[place].upper()),
        ("capitals", uk, lambda place: uk[place].upper()),
        ("latin", ru, lambda place: dirt.mix_in_latin(ru[place], choices[place])),
        ("latin", uk, lambda place: dirt.mix_in_latin(uk[place], choices[place])),
        *(("double_space", each, lambda place, each=each: dirt.double_space(each[place])) for each in (ru, uk, pl)),
        *(("trailing_space", each, lambda place, each=each: f"{each[place]} ") for each in (ru, uk, pl)),
    )
    for kind, spoiled, spoil in steps:
        for place in chunk.places(kind):
            spoiled[place] = spoil(place)
    _lose(chunk, names)
    for language, spoiled in names.items():
        for place in chunk.places(f"junk_{language}"):
            spoiled[place] = dirt.JUNK_NAMES[choices[place] % len(dirt.JUNK_NAMES)]


def _lose(chunk: Chunk, names: dict[str, list[str]]) -> None:
    """Take names away, never all three of a product."""
    lost = {language: chunk.chance(DIRT[f"no_{language}"]) for language in ("ru", "uk", "pl")}
    lost["pl"] &= ~(lost["ru"] & lost["uk"])
    for language, mask in lost.items():
        for place in np.flatnonzero(mask).tolist():
            names[language][place] = NULL if place % 3 else ""
