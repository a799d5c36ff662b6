"""What staff may write: rules with their bounds. Pure.

Stage: service, merchandising. Reads the body of a request, or of a stored row. Here is what a schema can say; the rest
is in ``sense``.
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
)

from cordsearch.analysis.languages import Language
from service.bounds import LARGEST_ID

LAST_POSITION = 50
LONGEST_QUERY = 200
LARGEST_ADDITION = 1.0


def _storable(value: str) -> str:
    """Return ``value`` without outer blanks. Raises ValueError for text that PostgreSQL cannot hold."""
    if "\x00" in value:
        raise ValueError("a NUL character cannot be stored")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("the text is not valid Unicode")
    return value.strip()


_NO_NUL = {"pattern": r"^[^\x00]*$"}  # what _storable asks, as far as a schema can say it
_STORABLE = AfterValidator(_storable)
Note = Annotated[str, Field(max_length=500, json_schema_extra=_NO_NUL), _STORABLE]
Phrase = Annotated[str, Field(min_length=1, max_length=100, json_schema_extra=_NO_NUL), _STORABLE]
StopWord = Annotated[str, Field(min_length=1, max_length=50, json_schema_extra=_NO_NUL), _STORABLE]
QueryText = Annotated[str, Field(min_length=1, max_length=LONGEST_QUERY, json_schema_extra=_NO_NUL), _STORABLE]
SupplierPrefix = Annotated[str, Field(min_length=1, max_length=40, json_schema_extra=_NO_NUL), _STORABLE]
Identifier = Annotated[int, Field(ge=1, le=LARGEST_ID)]
ProductIds = Annotated[tuple[Identifier, ...], Field(max_length=200)]


class _Rule(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    note: Note = Field(default="", description="For colleagues: why.")


class _DatedRule(_Rule):
    """A rule that may begin and end by itself."""

    starts_at: AwareDatetime | None = Field(default=None, description="In force from this moment; null: at once.")
    ends_at: AwareDatetime | None = Field(default=None, description="In force before this moment; null: for ever.")

    def is_in_force(self, now: datetime) -> bool:
        """Tell whether the rule counts at ``now`` (with a time zone)."""
        return (self.starts_at is None or self.starts_at <= now) and (self.ends_at is None or now < self.ends_at)


class SynonymsRule(_Rule):
    """Words or phrases that also find others. Both ways needs two words, one way needs what they also find."""

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
    """What certain queries show at certain places, and what they do not show; one of both, no product twice."""

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


class BoostedProducts(BaseModel):
    """Which products: all conditions hold; of each list one entry does. At least one condition."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    supplier: SupplierPrefix | None = Field(default=None, description="The vendor code begins so.")
    category_ids: ProductIds = ()
    group_ids: ProductIds = ()
    car_brand_ids: ProductIds = ()
    product_ids: ProductIds = ()


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
