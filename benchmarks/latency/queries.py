"""What is asked: queries of every class, as people type them, drawn from the warehouse under test.

Reads ``dim_product_search`` once and the hand-written names beside ``benchmarks.relevance``; writes nothing. Everything
but :func:`read_products` is pure: the same products and seed give the same queries.
"""

import random
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from benchmarks.relevance.needs import read_rows
from benchmarks.relevance.slips import in_latin_letters, mistype, wrong_layout
from cordsearch.database import connect
from cordsearch.sql import load_query

SUPPLIER = "SEM1"
REFERENCE_QUERIES = ("SEM143", "тяга", "амортизатор")  # which the system before this one was timed with
SEED = 6
SHORTEST_KEYSTROKE = 2
KEYSTROKES = "keystroke"
_PRODUCTS_PER_QUERY = 40  # few names are distinct, and a class may need a make or a size

_WORD = {"ru": re.compile(r"[а-яё]{3,}"), "uk": re.compile(r"[а-яґєії']{3,}"), "pl": re.compile(r"[a-ząćęłńóśźż]{3,}")}
_SIZE = re.compile(r"(?<![\d.,])\d+(?:[.,]\d+)?(?:[xх*×]\d+(?:[.,]\d+)?)+(?![\d.,])", re.IGNORECASE)
_POSITION = re.compile(
    r"(?:передн|задн|лев|прав|верхн|нижн|лів|przedn|tyln|praw|lew|górn|doln)\w+|prz[oó]d|ty[lł]", re.IGNORECASE
)
_SEPARATORS = ("", "", "-", " ", ".", "/")


@dataclass(frozen=True)
class Product:
    """What a query may be made from: part numbers as written, names by language, the size and the makes it fits."""

    vendor_code: str
    numbers: tuple[str, ...]
    names: dict[str, str]
    size: str = ""
    makes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Question:
    """A request: the class of its query and its address."""

    query_class: str
    address: str


@dataclass(frozen=True)
class Questions:
    """What is asked of ``/search``, and of ``/autocomplete`` one keystroke after the other."""

    searches: list[Question]
    typed: list[list[Question]]

    @property
    def keystrokes(self) -> list[Question]:
        """Every keystroke of every text, in order."""
        return [question for text in self.typed for question in text]


def read_products(warehouse_url: str, count: int, seed: int, supplier: str = "") -> list[Product]:
    """Return ``count`` products drawn by ``seed``; their vendor codes begin with ``supplier``."""
    values = {"seed": seed, "products": count, "supplier": supplier}
    with connect(warehouse_url) as connection:
        rows = connection.execute(load_query(__file__, "sql/products.sql"), values).fetchall()
    return [
        Product(
            code or "",
            tuple(numbers or ()),
            {language: name for language, name in zip(("ru", "uk", "pl"), names, strict=True) if name},
            size or "",
            tuple(makes or ()),
        )
        for code, numbers, *names, size, makes in rows
    ]


def read_questions(warehouse_url: str, per_class: int, seed: int = SEED) -> Questions:
    """Return ``per_class`` questions of every class, and as many texts typed key by key, drawn from the warehouse."""
    wanted = per_class * _PRODUCTS_PER_QUERY
    products = read_products(warehouse_url, wanted, seed)
    supplied = read_products(warehouse_url, wanted, seed, SUPPLIER)
    return make_questions(products, supplied, per_class, seed)


def make_questions(products: Sequence[Product], supplied: Sequence[Product], per_class: int, seed: int) -> Questions:
    """Return at most ``per_class`` different questions of each class, mixed; ``supplied`` are of one supplier."""
    chance = random.Random(seed)
    searches = [
        Question(name, search_address(text))
        for name, make in MAKERS.items()
        for text in draw(name, make, products, per_class, seed)
    ]
    behind_filter = draw("supplier", _supplied, supplied, per_class - len(REFERENCE_QUERIES), seed, REFERENCE_QUERIES)
    searches += [Question("supplier", search_address(text, SUPPLIER)) for text in behind_filter]
    chance.shuffle(searches)
    texts = draw(KEYSTROKES, _typed_text, products, per_class, seed)
    return Questions(searches, [keystrokes(text) for text in texts])


def draw(
    name: str,
    make: Callable[[Product, random.Random], str],
    products: Iterable[Product],
    count: int,
    seed: int,
    given: Sequence[str] = (),
) -> list[str]:
    """Return the texts ``given`` and ``count`` more, distinct ones, that ``make`` makes of ``products``."""
    found = dict.fromkeys(given)
    chance = random.Random(f"{seed} {name}")
    for product in products:
        if len(found) == count + len(given):
            break
        if text := make(product, chance).strip():
            found.setdefault(text)
    return list(found)


def search_address(text: str, supplier: str = "") -> str:
    """Return the address of a search as a storefront asks it: the first page, nothing but the text and the filter."""
    return f"/search?q={quote(text)}" + (f"&supplier={quote(supplier)}" if supplier else "")


def keystrokes(text: str) -> list[Question]:
    """Return what is asked while ``text`` is typed: every beginning of it, from two letters on."""
    ends = (end for end in range(SHORTEST_KEYSTROKE, len(text) + 1) if not text[end - 1].isspace())
    return [Question(KEYSTROKES, f"/autocomplete?q={quote(text[:end])}") for end in ends]


def words_of(product: Product, language: str) -> list[str]:
    """Return the words of the name, in lower case; no numbers, no makes, nothing in another script."""
    makes = {word for make in product.makes for word in make.lower().split()}
    found = _WORD[language].findall(product.names.get(language, "").lower())
    return [word for word in found if word not in makes]


def typed_name(product: Product, language: str, chance: random.Random) -> str:
    """Return what a person types who wants the product: the first one to three words of its name."""
    return " ".join(words_of(product, language)[: chance.choices((1, 2, 3), (30, 45, 25))[0]])


def _name_in(language: str) -> Callable[[Product, random.Random], str]:
    return lambda product, chance: typed_name(product, language, chance)


def _english(product: Product, chance: random.Random) -> str:
    return _with_make(chance.choice(_by_hand("names.tsv", "name_en")), product, chance)


def _abbreviated(product: Product, chance: random.Random) -> str:
    """Return an abbreviation that people wrote, or the name with its later words cut off."""
    if chance.random() < 0.5:
        return _with_make(chance.choice(_by_hand("phrases.tsv", "abbreviation")), product, chance)
    first, *others = words_of(product, chance.choice(("pl", "ru", "uk")))[:3] or [""]
    cut = [word[: chance.randint(3, 4)] + "." if len(word) > 5 else word for word in others]
    return " ".join([first, *cut]) if cut else ""


def _by_hand(file: str, query_class: str) -> list[str]:
    return [row["query"] for row in read_rows(file) if row["class"] == query_class]


def _with_make(text: str, product: Product, chance: random.Random) -> str:
    return f"{text} {chance.choice(product.makes).lower()}" if product.makes and chance.random() < 0.7 else text


def _vendor_code(product: Product, _chance: random.Random) -> str:
    return product.vendor_code if len(product.vendor_code) >= 3 else ""


def _cross_number(product: Product, chance: random.Random) -> str:
    """Return an original number with another punctuation than the catalogue's."""
    usable = [number for number in product.numbers if len(re.findall(r"\w", number)) >= 5]
    if not usable:
        return ""
    number, separator = chance.choice(usable), chance.choice(_SEPARATORS)
    pieces = re.findall(r"[^\W_]+", number)
    if len(pieces) == 1:
        pieces = [number[:3], number[3:]]
    return separator.join(pieces)


def _code_prefix(product: Product, chance: random.Random) -> str:
    codes = [code for code in (product.vendor_code, *product.numbers) if len(code) > 4]
    if not codes:
        return ""
    code = chance.choice(codes)
    beginning = code[: chance.randint(3, len(code) - 1)]
    return chance.choice((beginning, beginning.lower()))


def _mixed(product: Product, chance: random.Random) -> str:
    """Return one word of a name and the next one in another language."""
    first, second = chance.sample(("ru", "uk", "pl"), 2)
    here, there = words_of(product, first)[:2], words_of(product, second)[:2]
    if len(here) < 2 or len(there) < 2 or here[0] == there[0] or here[1] == there[1]:
        return ""
    return f"{here[0]} {there[1]}"


def _mistyped(product: Product, chance: random.Random) -> str:
    language = chance.choice(("ru", "uk", "pl"))
    text = typed_name(product, language, chance)
    slip = mistype(text, language, str(chance.random()))
    return slip if slip != text else ""


def _other_layout(product: Product, chance: random.Random) -> str:
    language = chance.choice(("ru", "uk", "pl"))
    text = typed_name(product, language, chance)
    return wrong_layout(text, "en", "ru") if language == "pl" else wrong_layout(text, language, "en")


def _in_latin_letters(product: Product, chance: random.Random) -> str:
    language = chance.choice(("ru", "uk"))
    return in_latin_letters(typed_name(product, language, chance), chance.choice(("chat", "passport")))


def _vehicle(product: Product, chance: random.Random) -> str:
    """Return a part, its make, and the model that stands behind the make in the name, where one does."""
    language = chance.choice(("ru", "uk", "pl"))
    part = " ".join(words_of(product, language)[: chance.randint(1, 2)])
    if not part or not product.makes:
        return ""
    make = chance.choice(product.makes).lower()
    model = re.search(rf"{re.escape(make)}\s+(\w+)", product.names.get(language, "").lower())
    return " ".join((part, make, *(model.groups() if model else ())))


def _size(product: Product, chance: random.Random) -> str:
    """Return a size with any of the signs that people use, alone or behind the part."""
    found = _SIZE.search(" ".join((product.size, *product.names.values())))
    if found is None:
        return ""
    size = re.sub(r"[xх*×]", chance.choice(("x", "x", "х", "*", " x ")), found.group(), flags=re.IGNORECASE)
    part = words_of(product, chance.choice(("ru", "uk", "pl")))[:1] if chance.random() < 0.5 else []
    return " ".join((*part, size))


def _position(product: Product, chance: random.Random) -> str:
    """Return a part and where it sits: front, left, upper."""
    language = chance.choice(("ru", "uk", "pl"))
    words = words_of(product, language)
    places = [word for word in words if _POSITION.fullmatch(word)]
    parts = [word for word in words if word not in places]
    return " ".join((*parts[: chance.randint(1, 2)], places[0])) if places and parts else ""


def _supplied(product: Product, chance: random.Random) -> str:
    if chance.random() < 0.2:
        return _code_prefix(product, chance)
    return typed_name(product, chance.choice(("ru", "uk", "pl")), chance)


def _typed_text(product: Product, chance: random.Random) -> str:
    make = chance.choice((*(_name_in(language) for language in _WORD), _vendor_code, _vehicle, _mistyped))
    return make(product, chance)


MAKERS: dict[str, Callable[[Product, random.Random], str]] = {
    "code": _vendor_code,
    "cross_number": _cross_number,
    "code_prefix": _code_prefix,
    "name_uk": _name_in("uk"),
    "name_ru": _name_in("ru"),
    "name_pl": _name_in("pl"),
    "name_en": _english,
    "mixed": _mixed,
    "typo": _mistyped,
    "layout": _other_layout,
    "transliteration": _in_latin_letters,
    "vehicle": _vehicle,
    "size": _size,
    "position": _position,
    "abbreviation": _abbreviated,
}
