"""Stage: demo source. Reads the plan; writes the rows of ``dbo.Product`` and of ``demo.product_truth``.

Names are made in :mod:`ingest.demo.product_names`.
"""

import numpy as np

from ingest.demo import dirt
from ingest.demo.chunk import DIRT, Chunk
from ingest.demo.codes import ANCHOR_NUMBER, PATTERNS, VENDOR_CODE_STYLES, original_number, vendor_code
from ingest.demo.names import vehicle_texts
from ingest.demo.plan import NO_CODE, Plan
from ingest.demo.product_names import write_names
from ingest.demo.rows import (
    NULL,
    Block,
    Booleans,
    Integers,
    Rows,
    binary_ids,
    flags,
    optional,
    pick,
    pool_of,
    texts,
)

_DESCRIPTIONS = {
    "Description": ("{} для грузовой техники. Новая деталь, гарантия 12 месяцев.", 0.04),
    "DescriptionUA": ("{} для вантажної техніки. Нова деталь, гарантія 12 місяців.", 0.06),
    "DescriptionPL": ("{} do pojazdów ciężarowych. Część nowa, gwarancja 12 miesięcy.", 0.03),
}
_NOTES = {
    "NotesUA": (("Уточнюйте за VIN-кодом", "Продаж парами", "Під замовлення 3-5 днів", "Аналог, не оригінал"), 0.02),
    "NotesPL": (("Sprawdzić według VIN", "Sprzedaż na pary", "Na zamówienie 3-5 dni", "Zamiennik"), 0.012),
}
_CUSTOMS_CODES = ("8708309990", "8708809990", "8708999790", "8421230000", "8409990000", "8511800090", "4016995290")


def product_rows(plan: Plan, has_analogue: Booleans, images: Integers, has_component: Booleans) -> Rows:
    """Return the rows of ``Product``; ``images`` is the number of live images of each product."""
    vehicles = vehicle_texts(plan.vocabulary.vehicles)
    synonyms = _synonyms(plan)

    def make(random: np.random.Generator, start: int, stop: int) -> Block:
        chunk = Chunk(plan, random, start, stop)
        block: Block = {}
        write_names(chunk, vehicles, block)
        _sizes_and_codes(chunk, block)
        _texts(chunk, synonyms, block)
        _numbers(chunk, block)
        _identities(chunk, block)
        here = slice(start, stop)
        block["HasAnalogue"] = flags(has_analogue[here])
        block["HasImage"] = flags(images[here] > 0)
        block["HasComponent"] = flags(has_component[here])
        ids = range(start + 1, stop + 1)
        block["Image"] = [image_url(i, 0) if n else NULL for i, n in zip(ids, images[here].tolist(), strict=True)]
        block["Deleted"] = flags(np.arange(start, stop) == plan.deleted)
        return block

    return Rows("Product", plan.products, make)


def image_url(product_id: int, index: int) -> str:
    """Return the address of a product's image."""
    return f"https://images.example.com/products/{product_id // 1000}/{product_id}_{index + 1}.jpg"


def truth_text(plan: Plan, start: int, stop: int) -> str:
    """Return COPY text of ``demo.product_truth``: product_id, part_type, make, model."""
    types = pool_of([each.key for each in plan.vocabulary.part_types])
    made_for = pool_of([f"{each.make}\t{each.model}" for each in plan.vocabulary.vehicles] + [f"{NULL}\t{NULL}"])
    here = slice(start, stop)
    keys = pick(types, plan.part_type[here])
    vehicles = pick(made_for, plan.families.vehicle[plan.family[here]])
    lines = zip(range(start + 1, stop + 1), keys, vehicles, strict=True)
    return "".join(f"{product}\t{key}\t{vehicle}\n" for product, key, vehicle in lines)


def main_numbers(plan: Plan, start: int, stop: int) -> list[str]:
    """Return the main original number of products ``start`` to ``stop``; NULL for those without one."""
    families = plan.families
    family = plan.family[start:stop]
    has = (families.numbers[family] > 0).tolist()
    first = families.first_number[family].tolist()
    return [number_text(plan, number) if there else NULL for number, there in zip(first, has, strict=True)]


def number_text(plan: Plan, number: int) -> str:
    """Return original number ``number`` (zero-based) as written."""
    if number == plan.numbers.anchor:
        return ANCHOR_NUMBER
    numbers = plan.numbers
    return original_number(
        PATTERNS[int(numbers.pattern[number])], int(numbers.index[number]), int(numbers.spelling[number])
    )


def vendor_codes(plan: Plan, start: int, stop: int) -> list[str]:
    """Return the vendor codes of products ``start`` to ``stop``; some are empty or NULL."""
    brands = plan.vocabulary.brands
    columns = (values[start:stop].tolist() for values in (plan.brand, plan.code, plan.supplier))
    return [
        _vendor_code(brands[brand].code_prefix, brand, code, supplier=supplier)
        for brand, code, supplier in zip(*columns, strict=True)
    ]


def _vendor_code(prefix: str, brand: int, code: int, *, supplier: bool) -> str:
    if supplier:
        return f"{prefix}{code}"
    if code == NO_CODE:
        return NULL if brand % 2 else ""
    if prefix == "SEM":  # its other ranges: never 1
        return f"{prefix}{2 + code % 8}{code // 8:04d}"
    return vendor_code(prefix, (brand * 5 + 2) % VENDOR_CODE_STYLES, code)


def _sizes_and_codes(chunk: Chunk, block: Block) -> None:
    plan = chunk.plan
    size = plan.families.size[chunk.of(plan.family)]
    shown = pick(plan.sizes, size)
    known = (size > 0) & (~chunk.chance(0.15))
    other_sign = chunk.chance(DIRT["size_sign"]).tolist()
    sizes = [
        (text.replace("x", "*" if place % 2 else "х") if other else text) if there else NULL
        for place, (text, there, other) in enumerate(zip(shown, known.tolist(), other_sign, strict=True))
    ]
    block["Size"] = sizes
    block["SearchSize"] = [text if text == NULL else dirt.search_form(text) for text in sizes]
    codes = vendor_codes(plan, chunk.start, chunk.stop)
    block["VendorCode"] = codes
    block["SearchVendorCode"] = [code if code == NULL else dirt.search_form(code) for code in codes]
    block["MainOriginalNumber"] = main_numbers(plan, chunk.start, chunk.stop)


def _synonyms(plan: Plan) -> dict[str, list[str]]:
    """Return, per column, the synonyms of each part type as one text.

    The source has no column for English: dealers keep the English term among the Polish synonyms.
    """
    types = plan.vocabulary.part_types
    return {
        "SynonymsUA": [", ".join(each.synonyms["uk"] + each.synonyms["ru"]) for each in types],
        "SynonymsPL": [", ".join((*each.synonyms["pl"], each.names["en"].lower())) for each in types],
    }


def _texts(chunk: Chunk, synonyms: dict[str, list[str]], block: Block) -> None:
    """Descriptions, notes and synonyms: mostly empty."""
    part_type = chunk.of(chunk.plan.part_type).tolist()
    for column, per_type in synonyms.items():
        given = chunk.chance(0.35).tolist()
        block[column] = [per_type[t] or NULL if there else NULL for t, there in zip(part_type, given, strict=True)]
        block[f"Search{column}"] = [text if text == NULL else dirt.search_form(text) for text in block[column]]
    languages = dict(zip(_DESCRIPTIONS, ("ru", "uk", "pl"), strict=True))
    for column, (template, share) in _DESCRIPTIONS.items():
        pool = chunk.plan.phrases.texts[languages[column]]
        described: list[str] = [NULL] * chunk.count
        phrase = chunk.of(chunk.plan.phrase)
        for place in np.flatnonzero(chunk.chance(share)).tolist():
            described[place] = template.format(pool[phrase[place]])
        block[column] = described
        block[f"Search{column}"] = [text if text == NULL else dirt.search_form(text) for text in described]
    for column, (notes, share) in _NOTES.items():
        chosen = np.where(chunk.chance(share), chunk.random.integers(1, len(notes) + 1, chunk.count), 0)
        block[column] = pick(pool_of((NULL, *notes)), chosen)


def _numbers(chunk: Chunk, block: Block) -> None:
    plan, random, count = chunk.plan, chunk.random, chunk.count
    weight = plan.families.weight[chunk.of(plan.family)] * (0.9 + 0.2 * random.random(count))
    block["Weight"] = texts(np.where(chunk.chance(DIRT["weight_zero"]), 0.0, weight.round(3)))
    volume = (weight * 0.0025).round(4)
    block["Volume"] = [
        str(value) if there else NULL for value, there in zip(volume.tolist(), chunk.chance(0.3).tolist(), strict=True)
    ]
    popularity = plan.popularity[chunk.start : chunk.stop]
    top = np.searchsorted((0.75, 0.9, 0.97), popularity)
    block["Top"] = pick(pool_of((NULL, "C", "B", "A")), top)
    block["UCGFEA"] = pick(pool_of(_CUSTOMS_CODES), chunk.of(plan.part_type) % len(_CUSTOMS_CODES))
    block["OrderStandard"] = pick(pool_of((NULL, "1", "2", "10")), np.minimum(random.geometric(0.6, count) - 1, 3))
    block["PackingStandard"] = pick(pool_of((NULL, "1", "4", "20")), np.minimum(random.geometric(0.6, count) - 1, 3))
    block["Standard"] = pick(pool_of((NULL, "DIN", "ISO 9001")), np.minimum(random.geometric(0.9, count) - 1, 2))
    block["IsForSale"] = flags(random.random(count) < 0.3 + 0.6 * popularity)
    block["IsForWeb"] = flags(~chunk.chance(0.05))
    block["IsForZeroSale"] = flags(random.random(count) < 0.1)
    block["MeasureUnitID"] = pick(pool_of(("1", "2", "3", "4")), np.minimum(random.geometric(0.85, count) - 1, 3))


def _identities(chunk: Chunk, block: Block) -> None:
    """The keys under which two accounting systems know the product."""
    random, count = chunk.random, chunk.count
    families = chunk.of(chunk.plan.part_type).tolist()
    parents = binary_ids(chunk.plan.random("parents"), len(chunk.plan.vocabulary.part_types))
    for system, share, first in (("Amg", 0.8, 1_000), ("Fenix", 0.6, 500_000)):
        known = random.random(count) < share
        ids = binary_ids(random, count)
        block[f"Source{system}ID"] = [one if there else NULL for one, there in zip(ids, known.tolist(), strict=True)]
        block[f"Source{system}Code"] = optional(np.arange(chunk.start, chunk.stop) + first, known)
        block[f"Parent{system}ID"] = [
            parents[family] if there else NULL for family, there in zip(families, known.tolist(), strict=True)
        ]


__all__ = ["image_url", "main_numbers", "number_text", "product_rows", "truth_text", "vendor_codes"]
