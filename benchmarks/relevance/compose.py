"""From what a person wrote by hand, and from the catalogue, to ``data/queries.tsv``. Pure.

Stage: composing, done once and reviewed; the result is committed, so that a later change of a template does not change
the measure silently. Hand-written queries (``names.tsv``, ``phrases.tsv``, ``vehicles.tsv``) are taken as they are.
Slips are made on the hand-written names. What needs the catalogue (part numbers, sizes, vehicles of rare parts,
missing names) is drawn from it in an order given by a hash, so that nobody picked what works.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from itertools import islice

from benchmarks.relevance.grading import FULL, Part, grade
from benchmarks.relevance.needs import JudgedQuery, Need, query_of_row, read_rows
from benchmarks.relevance.slips import in_latin_letters, mistype, wrong_layout
from ingest.demo.plan import Plan
from ingest.demo.vocabulary import PartType

_CYRILLIC_TWINS = str.maketrans("ABCEHIKMOPTX", "АВСЕНІКМОРТХ")
_LANGUAGE_OF_CLASS = {"name_ru": "ru", "name_uk": "uk", "name_pl": "pl", "name_en": "en"}
PER_KIND = 15


def shuffled(values: Iterable[str], purpose: str) -> list[str]:
    """Return ``values`` in an order that depends on nothing but themselves and ``purpose``."""
    return sorted(values, key=lambda value: hashlib.sha256(f"{purpose} {value}".encode()).digest())


def by_hand() -> list[JudgedQuery]:
    """Return the queries people wrote."""
    return [query_of_row(row) for name in ("names.tsv", "phrases.tsv", "vehicles.tsv") for row in read_rows(name)]


def slipped(names: Sequence[JudgedQuery]) -> list[JudgedQuery]:
    """Return names mistyped, typed on the wrong keyboard and typed in Latin letters."""
    found: list[JudgedQuery] = []
    for language in ("ru", "uk", "pl", "en"):
        pool = {query.text: query for query in names if _LANGUAGE_OF_CLASS.get(query.query_class) == language}
        mistyped = islice(shuffled(pool, "typo"), PER_KIND)
        found += [replace(pool[text], query_class="typo", text=mistype(text, language, "1")) for text in mistyped]
        found += _on_wrong_keyboard(pool, language)
        for scheme in ("chat", "passport") if language in ("ru", "uk") else ():
            chosen = islice(shuffled(pool, f"latin {scheme}"), 6)
            found += [
                replace(pool[text], query_class="transliteration", text=in_latin_letters(text, scheme))
                for text in chosen
            ]
    return [query for query in found if query.text not in {name.text for name in names}]


def _on_wrong_keyboard(pool: dict[str, JudgedQuery], language: str) -> list[JudgedQuery]:
    keyboards = {"ru": ("en", "uk"), "uk": ("en", "ru"), "pl": ("ru",), "en": ("uk",)}[language]
    meant = language if language in ("ru", "uk") else "en"
    found = []
    for active in keyboards:
        typed = [(text, wrong_layout(text, meant, active)) for text in shuffled(pool, f"layout {active}")]
        different = [(text, wrong) for text, wrong in typed if wrong != text]
        share = PER_KIND if active != "uk" or language == "en" else PER_KIND // 2
        found += [replace(pool[text], query_class="layout", text=wrong) for text, wrong in different[:share]]
    return found


def codes(spelled: dict[int, list[str]]) -> list[JudgedQuery]:
    """Return part numbers as written, beginnings of them, and part numbers in another spelling.

    ``spelled`` are the numbers of each product as the catalogue writes them.
    """
    from benchmarks.relevance.catalogue import bare_code  # noqa: PLC0415 - the rest of this module needs no database

    numbers = {number: bare_code(number) for texts in spelled.values() for number in texts}
    usable = [number for number, code in numbers.items() if len(code) >= 6]
    order = shuffled(usable, "code")
    found = [JudgedQuery("code", number, Need(code=numbers[number])) for number in order[:24]]
    found += [JudgedQuery("code", number.lower(), Need(code=numbers[number])) for number in order[24:40]]
    punctuated = [number for number in order[40:] if numbers[number] != number.upper()]
    for number, respell in zip(punctuated[:42], _RESPELLINGS * 7, strict=False):
        found.append(JudgedQuery("cross_number", respell(number), Need(code=numbers[number])))
    lettered = [number for number in order[40:] if set(numbers[number]) & set("ABCEHIKMOPTX")]
    for number in lettered[42:60]:
        found.append(JudgedQuery("cross_number", number.translate(_CYRILLIC_TWINS), Need(code=numbers[number])))
    beginnings = dict.fromkeys(_beginning(numbers[number]) for number in shuffled(usable, "prefix")[:60])
    found += [JudgedQuery("code_prefix", text, Need(prefix=bare_code(text))) for text in islice(beginnings, 38)]
    found += [
        JudgedQuery("code_prefix", text, Need(prefix=text.upper())) for text in ("SEM143", "sem14", "SMP01", "WAB10")
    ]
    return found


def _bare(number: str) -> str:
    return "".join(filter(str.isalnum, number))


_RESPELLINGS: tuple[Callable[[str], str], ...] = (
    _bare,
    lambda number: number.replace(".", "-").replace(" ", "-"),
    lambda number: number.replace(".", " ").replace("-", " "),
    lambda number: number.replace(".", "/").replace("-", "/").replace(" ", "/"),
    lambda number: number.replace(".", "").replace(" ", "."),
    lambda number: " ".join(_bare(number)[at : at + 3] for at in range(0, len(_bare(number)), 3)),
)


def _beginning(code: str) -> str:
    return code[: max(5, len(code) * 2 // 3)].lower()


def sizes(parts: Sequence[Part], types: dict[str, PartType]) -> list[JudgedQuery]:
    """Return bare sizes, and parts with a size, in the spellings people use."""
    holders: defaultdict[tuple[str, str], int] = defaultdict(int)
    for part in parts:
        for size in part.sizes:
            holders[part.part_type, size] += 1
    measured = {f"{key}\t{size}" for (key, size), count in holders.items() if count >= 2 and "x" in size}
    found = []
    for place, text in enumerate(shuffled(measured, "size")[:56]):
        key, size = text.split("\t")
        typed = _SIZE_SPELLINGS[place % len(_SIZE_SPELLINGS)](size)
        if place < 16:
            found.append(JudgedQuery("size", typed, Need(size=size)))
            continue
        language = ("ru", "uk", "pl", "ru", "uk")[place % 5]
        name = types[key].names[language].lower()
        found.append(JudgedQuery("size", f"{name} {typed}", Need(part_types=(key,), size=size)))
    return found


_SIZE_SPELLINGS: tuple[Callable[[str], str], ...] = (
    str,
    lambda size: size.replace("x", "х"),
    lambda size: size.replace("x", "*"),
    lambda size: size.replace("x", " x "),
    lambda size: size.replace("x", " х "),
)


def vehicles(parts: Sequence[Part], types: dict[str, PartType]) -> list[JudgedQuery]:
    """Return parts with a make and model of which the catalogue has at least two."""
    holders: defaultdict[str, int] = defaultdict(int)
    for part in parts:
        for model in part.models:
            holders[f"{part.part_type}\t{model}"] += 1
    found = []
    for place, text in enumerate(shuffled((t for t, count in holders.items() if count >= 2), "vehicle")[:40]):
        key, vehicle = text.split("\t")
        make, model = vehicle.split("/", 1)
        name = types[key].names[("ru", "uk", "pl", "uk")[place % 4]].lower()
        typed = {"Mercedes-Benz": "mercedes", "Schmitz Cargobull": "schmitz"}.get(make, make.lower())
        need = Need(part_types=(key,), make=make, model=model)
        found.append(JudgedQuery("vehicle", f"{name} {typed} {model.lower().removesuffix('-series')}", need))
    return found


def missing(parts: Sequence[Part], types: dict[str, PartType]) -> list[JudgedQuery]:
    """Return names in a language in which none of the products they ask for has a name.

    Part types of the demo are many and some are rare; a rare part with a vehicle, asked for in Polish, often has no
    Polish name at all.
    """
    of_type: defaultdict[str, list[Part]] = defaultdict(list)
    for part in parts:
        of_type[part.part_type].append(part)
    found: list[JudgedQuery] = []
    for language, wanted in (("pl", 26), ("uk", 22)):
        candidates = {
            f"{part.part_type}\t{model}" for part in parts if language not in part.languages for model in part.models
        }
        chosen = 0
        for text in shuffled(candidates | {f"{key}\t" for key in of_type}, f"missing {language}"):
            key, _, vehicle = text.partition("\t")
            make, _, model = vehicle.partition("/")
            need = Need(part_types=(key,), make=make, model=model)
            served = [part for part in of_type[key] if grade(need, part, frozenset()) == FULL]
            if not served or any(language in part.languages for part in served):
                continue
            typed = f"{types[key].names[language].lower()} {make.lower()} {model.lower()}".strip()
            found.append(JudgedQuery("missing_name", typed, need))
            chosen += 1
            if chosen == wanted:
                break
    return found


def compose(plan: Plan, parts: Sequence[Part], spelled: dict[int, list[str]]) -> list[JudgedQuery]:
    """Return every judged query, each text once per class, sorted by class."""
    types = {each.key: each for each in plan.vocabulary.part_types}
    written = by_hand()
    found = [*written, *slipped(written), *codes(spelled), *sizes(parts, types), *vehicles(parts, types)]
    found += missing(parts, types)
    unique = {query.key: query for query in found}
    return sorted(unique.values(), key=lambda query: query.query_class)
