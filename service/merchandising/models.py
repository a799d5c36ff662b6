"""What staff may write: rules with their bounds. Pure.

Stage: service, merchandising. Reads the body of a request, or of a stored row; what passes here is safe to search with.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    JsonValue,
    TypeAdapter,
    model_validator,
)

from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.languages import Language
from cordsearch.analysis.lexemes import STOP_WORDS
from service.merchandising.query_key import query_key
from service.search.wording import folded_words, phrase_key

LAST_POSITION = 50
LONGEST_QUERY = 200
MOST_WORDS_OF_A_PHRASE = 6
LARGEST_ADDITION = 1.0


def _storable(value: str) -> str:
    """Return ``value`` without outer blanks. Raises ValueError for text that PostgreSQL cannot hold."""
    if "\x00" in value:
        raise ValueError("a NUL character cannot be stored")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("the text is not valid Unicode")
    return value.strip()


def _phrase(value: str) -> str:
    words = len(phrase_key(value))
    if not words:
        raise ValueError(f"{value!r} holds no word that can be searched for")
    if words > MOST_WORDS_OF_A_PHRASE:
        raise ValueError(f"{value!r} has {words} words; at most {MOST_WORDS_OF_A_PHRASE} are allowed")
    return value


def _stop_word(value: str) -> str:
    if len(folded_words(value)) != 1:
        raise ValueError(f"{value!r} is not one word of letters")
    if folded_words(value)[0] in STOP_WORDS:
        raise ValueError(f"{value!r} is left out anyway")
    return value


def _query(value: str) -> str:
    if not query_key(value):
        raise ValueError(f"{value!r} holds nothing that can be searched for")
    return value


def _supplier(value: str) -> str:
    if not normalise_code(value):
        raise ValueError(f"{value!r} holds no letter and no digit")
    return value


Storable = Annotated[str, AfterValidator(_storable)]
Phrase = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_storable), AfterValidator(_phrase)]
StopWord = Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_storable), AfterValidator(_stop_word)]
QueryText = Annotated[
    str, Field(min_length=1, max_length=LONGEST_QUERY), AfterValidator(_storable), AfterValidator(_query)
]
SupplierPrefix = Annotated[
    str, Field(min_length=1, max_length=40), AfterValidator(_storable), AfterValidator(_supplier)
]
Identifier = Annotated[int, Field(ge=1, le=2**63 - 1)]
ProductIds = Annotated[tuple[Identifier, ...], Field(max_length=200)]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Annotated[Storable, Field(max_length=500)] = Field(default="", description="For colleagues: why.")


class _DatedRule(_Rule):
    """A rule that may begin and end by itself."""

    starts_at: AwareDatetime | None = Field(default=None, description="In force from this moment; null: at once.")
    ends_at: AwareDatetime | None = Field(default=None, description="In force before this moment; null: for ever.")

    @model_validator(mode="after")
    def _ends_after_it_starts(self) -> "_DatedRule":
        if self.starts_at is not None and self.ends_at is not None and self.ends_at <= self.starts_at:
            raise ValueError("ends_at must be later than starts_at")
        return self

    def is_in_force(self, now: datetime) -> bool:
        """Tell whether the rule counts at ``now`` (with a time zone)."""
        return (self.starts_at is None or self.starts_at <= now) and (self.ends_at is None or now < self.ends_at)


class SynonymsRule(_Rule):
    """Words or phrases that also find others."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"kind": "synonyms", "direction": "two_way", "words": ["п'яте колесо", "сідло тягача"]}
        }
    )

    kind: Literal["synonyms"]
    direction: Literal["two_way", "one_way"] = Field(
        default="two_way", description="two_way: each of words finds all of them; one_way: words find also_finds too."
    )
    words: tuple[Phrase, ...] = Field(min_length=1, max_length=20)
    also_finds: tuple[Phrase, ...] = Field(default=(), max_length=20, description="Only with one_way.")
    language: Language | None = Field(
        default=None, description="Only for searches that ask for names in this language; null: for all."
    )

    @model_validator(mode="after")
    def _has_two_sides(self) -> "SynonymsRule":
        if self.direction == "two_way" and (len(self.words) < 2 or self.also_finds):
            raise ValueError("two_way needs at least two words and no also_finds")
        if self.direction == "one_way" and not self.also_finds:
            raise ValueError("one_way needs also_finds")
        return self


class StopWordsRule(_Rule):
    """Words that a query is searched without, unless it holds nothing else."""

    model_config = ConfigDict(json_schema_extra={"example": {"kind": "stop_words", "words": ["купити", "ціна"]}})

    kind: Literal["stop_words"]
    words: tuple[StopWord, ...] = Field(min_length=1, max_length=50)
    language: Language | None = Field(
        default=None, description="Only for searches that ask for names in this language; null: for all."
    )


class Pin(BaseModel):
    """A product and the place it takes, counted from 1 over all pages."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    product_id: Identifier
    position: int = Field(ge=1, le=LAST_POSITION)


class QueryRule(_DatedRule):
    """What certain queries show at certain places, and what they do not show."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "kind": "query",
                "queries": ["гальмівні колодки", "klocki hamulcowe"],
                "pins": [{"product_id": 1042, "position": 1}],
                "hides": [877],
                "ends_at": "2027-01-31T23:59:59+02:00",
            }
        }
    )

    kind: Literal["query"]
    queries: tuple[QueryText, ...] = Field(
        min_length=1, max_length=20, description="Whole queries; case, word forms and punctuation do not matter."
    )
    pins: tuple[Pin, ...] = Field(default=(), max_length=LAST_POSITION)
    hides: ProductIds = Field(default=(), description="IDs of products that these queries do not find.")

    @model_validator(mode="after")
    def _makes_sense(self) -> "QueryRule":
        pinned = [pin.product_id for pin in self.pins]
        if not self.pins and not self.hides:
            raise ValueError("the rule neither pins nor hides a product")
        if len(set(pinned)) < len(pinned):
            raise ValueError("a product is pinned twice")
        if len({pin.position for pin in self.pins}) < len(pinned):
            raise ValueError("two products are pinned to one position")
        if set(pinned) & set(self.hides):
            raise ValueError("a product is both pinned and hidden")
        return self


class BoostedProducts(BaseModel):
    """Which products: all conditions hold; of each list one entry does."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    supplier: SupplierPrefix | None = Field(default=None, description="The vendor code begins so.")
    category_ids: ProductIds = ()
    group_ids: ProductIds = ()
    car_brand_ids: ProductIds = ()
    product_ids: ProductIds = ()

    @model_validator(mode="after")
    def _has_a_condition(self) -> "BoostedProducts":
        if not (self.supplier or self.category_ids or self.group_ids or self.car_brand_ids or self.product_ids):
            raise ValueError("name a supplier, categories, groups, car brands or products")
        return self


class BoostRule(_DatedRule):
    """Products that come earlier, or later, in every search that finds them."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"kind": "boost", "products": {"supplier": "SEM1"}, "addition": 0.1}}
    )

    kind: Literal["boost"]
    products: BoostedProducts
    addition: float = Field(
        ge=-LARGEST_ADDITION,
        le=LARGEST_ADDITION,
        description="Added to the score; being in stock adds 0.08 by default, the best match of words about 1.",
    )


Rule = Annotated[SynonymsRule | StopWordsRule | QueryRule | BoostRule, Field(discriminator="kind")]
Kind = Literal["synonyms", "stop_words", "query", "boost"]
RULE: TypeAdapter[Rule] = TypeAdapter(Rule)
MOST_RULES: dict[Kind, int] = {"synonyms": 5_000, "stop_words": 200, "query": 2_000, "boost": 50}


class StoredRule(BaseModel):
    """A rule as it is stored."""

    id: int
    created_at: datetime
    updated_at: datetime
    not_in_catalogue: list[int] = Field(description="IDs of products that the rule names and the catalogue has not.")
    rule: Rule


class RulesPage(BaseModel):
    """Rules in the order they were made."""

    items: list[StoredRule]
    total: int
    next_after: int | None = Field(description="`after` of the next page; null on the last one.")


class Change(BaseModel):
    """Who changed a rule, when, and what."""

    id: int
    changed_at: datetime
    changed_by: str
    rule_id: int
    action: Literal["create", "replace", "delete"]
    before: dict[str, JsonValue] | None = Field(description="The rule before; null when it was created.")
    after: dict[str, JsonValue] | None = Field(description="The rule after; null when it was deleted.")


class ChangesPage(BaseModel):
    """Changes, the newest first."""

    items: list[Change]
    next_before: int | None = Field(description="`before` of the next page; null on the last one.")
