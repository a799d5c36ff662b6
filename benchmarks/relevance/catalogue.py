"""What the demo's products truly are. Reads the demo source and the plan it was written from; writes nothing.

Part type: ``demo.product_truth``. Front, rear, left, right and the like: the phrase the plan chose for the product.
Vehicles, sizes and part numbers: what the source's own columns say, because nobody can be asked to find a size that
is written nowhere.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache

from benchmarks.relevance.grading import Part
from cordsearch.database import connect
from cordsearch.errors import CordSearchError
from cordsearch.sql import load_query
from ingest.demo.names import qualifier_choices
from ingest.demo.plan import Plan, build_plan
from ingest.demo.vocabulary import Vehicle, Vocabulary, load_vocabulary

_CYRILLIC_TWINS = str.maketrans("АВСЕНІКМОРТХУ", "ABCEHIKMOPTXY")
_NOT_CODE = re.compile(r"[^0-9A-ZА-ЯҐЄІЇ]+")
_JUNK = re.compile(r"\W*|-?\d+|#N/A")
_SHORT_MAKES = {"Mercedes-Benz": ("Mercedes-Benz", "Mercedes", "MB"), "Schmitz Cargobull": ("Schmitz",)}


def bare_code(text: str) -> str:
    """Return a part number without punctuation, in capitals, Cyrillic twins as Latin letters.

    Written apart from the product's own normal form on purpose: a mistake there must show here.
    """
    return _NOT_CODE.sub("", text.upper().translate(_CYRILLIC_TWINS))


def bare_size(text: str) -> str:
    """Return a size in one spelling: lower case, no blanks, the sign between numbers an ``x``."""
    return re.sub(r"(?<=\d)[xх*×](?=\d)", "x", text.lower().replace(" ", "").replace(",", "."))


@lru_cache(maxsize=1024)
def _model_pattern(model: str) -> re.Pattern[str]:
    spaced = re.sub(r"(?<=[A-Za-z])(?=\d)", " ?", re.escape(model))
    return re.compile(rf"(?<![A-Za-z0-9]){spaced}(?![A-Za-z0-9])", re.IGNORECASE)


def stated_vehicles(names: Iterable[str], vehicles: Iterable[Vehicle]) -> tuple[set[str], set[str]]:
    """Return the makes, and the models as ``make/model``, that the names say."""
    makes: set[str] = set()
    models: set[str] = set()
    text = " | ".join(names)
    lowered = text.lower()
    for vehicle in vehicles:
        spelled = [make for make in _SHORT_MAKES.get(vehicle.make, (vehicle.make,)) if make.lower() in lowered]
        if not any(_model_pattern(make).search(text) for make in spelled):
            continue
        makes.add(vehicle.make)
        if _model_pattern(vehicle.model).search(text):
            models.add(f"{vehicle.make}/{vehicle.model}")
    return makes, models


def qualifiers_of_phrases(plan: Plan) -> list[frozenset[str]]:
    """Return what each phrase of the plan says of position and kind, by the number of the phrase."""
    return [frozenset(choice) for each in plan.vocabulary.part_types for choice in qualifier_choices(each)]


def sibling_types(vocabulary: Vocabulary, by_hand: frozenset[tuple[str, str]]) -> frozenset[tuple[str, str]]:
    """Return the pairs (asked part type, nearly it): those by hand, and every kind of the part.

    A kind of a part is named by the whole name of the part and more: ``Амортизатор кабины`` is an ``Амортизатор``,
    ``Втулка амортизатора`` is not.
    """
    pairs = set(by_hand)
    for asked in vocabulary.part_types:
        for other in vocabulary.part_types:
            if other is not asked and any(
                other.names[language].startswith(f"{asked.names[language]} ") for language in ("ru", "uk", "pl")
            ):
                pairs.add((asked.key, other.key))
    return frozenset(pairs)


def read_parts(source_url: str, products: int, seed: int) -> list[Part]:
    """Return every live product of the demo source at ``source_url``.

    Raises:
        CordSearchError: the source is not the demo catalogue of this size and seed.
    """
    plan = build_plan(load_vocabulary(), products, seed)
    phrases = qualifiers_of_phrases(plan)
    with connect(source_url) as connection:
        rows = connection.execute(load_query(__file__, "sql/products.sql")).fetchall()
        numbers = _grouped(connection.execute(load_query(__file__, "sql/numbers.sql")).fetchall())
        makes = _grouped(connection.execute(load_query(__file__, "sql/makes.sql")).fetchall())
    parts: list[Part] = []
    for product_id, part_type, *texts in rows:
        planned = plan.vocabulary.part_types[int(plan.part_type[product_id - 1])].key if product_id <= products else ""
        if planned != part_type:
            raise CordSearchError(
                f"Product {product_id} of the demo source is {part_type!r}, its plan says {planned!r}. The source was "
                f"made by other code, another seed or size. Delete it and run again."
            )
        qualifiers = phrases[int(plan.phrase[product_id - 1])]
        part = _part(product_id, part_type, qualifiers, texts, numbers, makes, plan.vocabulary.vehicles)
        size = bare_size(str(plan.sizes[plan.families.size[plan.family[product_id - 1]]]))
        in_name = size and any(size in bare_size(name) for name in texts[:3] if name)
        parts.append(replace(part, sizes=part.sizes | {size}) if in_name else part)
    return parts


def _grouped(rows: Iterable[tuple[int, str]]) -> dict[int, set[str]]:
    grouped: defaultdict[int, set[str]] = defaultdict(set)
    for key, value in rows:
        if value:
            grouped[key].add(value)
    return dict(grouped)


def _part(
    product_id: int,
    part_type: str,
    qualifiers: frozenset[str],
    texts: list[str | None],
    numbers: Mapping[int, set[str]],
    makes: Mapping[int, set[str]],
    vehicles: Iterable[Vehicle],
) -> Part:
    *names, size, vendor_code, main_number = texts
    said = {
        language: name
        for language, name in zip(("ru", "uk", "pl"), names, strict=True)
        if name and not _JUNK.fullmatch(name.strip())
    }
    filed = makes.get(product_id, set())
    named, models = stated_vehicles(said.values(), vehicles)
    codes = {bare_code(code) for code in (vendor_code, main_number, *numbers.get(product_id, ())) if code}
    return Part(
        product_id=product_id,
        part_type=part_type,
        qualifiers=qualifiers,
        makes=frozenset(filed | named),
        models=frozenset(models),
        sizes=frozenset({bare_size(size)} if size else ()),
        codes=frozenset(codes - {""}),
        languages=frozenset(said),
    )


def read_spelled_codes(source_url: str) -> dict[int, list[str]]:
    """Return the part numbers of every live product as the catalogue writes them, in one order."""
    with connect(source_url) as connection:
        rows = connection.execute(load_query(__file__, "sql/products.sql")).fetchall()
        numbers = _grouped(connection.execute(load_query(__file__, "sql/numbers.sql")).fetchall())
    return {
        product_id: sorted({code for code in (vendor_code, *numbers.get(product_id, ())) if code})
        for product_id, *_, vendor_code, _main in rows
    }
