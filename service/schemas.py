"""The shapes of requests and answers, as OpenAPI publishes them. Pure.

Stage: service, HTTP. The answers themselves are built in ``presentation``; a contract test validates them against
these.
"""

from datetime import datetime
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from service.answers.fields import selection_of
from service.facet_schemas import FacetCounts
from service.merchandising.explanations import AppliedBoost, AppliedRule
from service.search.choices import FacetName, SortOrder

Language = Literal["uk", "ru", "pl", "en"]
Match = Literal["code", "code_beginning", "all_words", "word_beginning", "respelled", "some_words", "meaning", "pinned"]
RetrieverStatus = Literal["ok", "timeout", "failed", "skipped", "spared", "off"]

_PRODUCT: dict[str, JsonValue] = {
    "product_id": 1042,
    "vendor_code": "SEM14321",
    "name": "Колодки гальмівні передні",
    "name_language": "uk",
    "names": {"ru": "Колодки тормозные передние", "uk": "Колодки гальмівні передні", "pl": "Klocki hamulcowe przednie"},
    "main_original_number": "81.50820-6055",
    "original_numbers": ["81.50820-6055", "81508206055"],
    "available_quantity": 12.0,
    "available": True,
    "price": 123.45,
    "image_url": None,
    "category": "Гальмівна система",
}
_HIT: dict[str, JsonValue] = {
    **_PRODUCT,
    "score": 1.58,
    "match": "all_words",
    "reasons": [{"retriever": "fulltext", "rank": 1, "score": 0.41, "matched": "тормозн колодк"}],
    "pinned": False,
    "group": None,
    "explain": None,
    "highlights": None,
}
_ANALOGUE: dict[str, JsonValue] = {
    **_PRODUCT,
    "replaces": 877,
    "reasons": [{"kind": "declared", "number": None}, {"kind": "shared_number", "number": "81.50820-6055"}],
    "other_make": False,
}
_SEARCH: dict[str, JsonValue] = {
    "search_id": "5f2c1b8e9d3a4c6f8e7d6c5b4a392817",
    "query": "nzuf",
    "language": "uk",
    "took_ms": 7.1,
    "total": 1000,
    "total_is_exact": False,
    "degraded": False,
    "corrections": [{"from": "nzuf", "to": "тяга", "kind": "keyboard_layout"}],
    "showing_results_for": "тяга",
    "did_you_mean": None,
    "relaxed": None,
    "rules": None,
    "timings_ms": {"understand": 0.2, "retrieve": 4.0, "fuse": 0.3, "hydrate": 0.9},
    "retrievers": [{"name": "fulltext", "candidates": 100, "took_ms": 3.1, "status": "ok"}],
    "hits": [_HIT],
    "analogues": [],
    "sort": "relevance",
    "next_cursor": "9QkXl0c5Bf7ZBq0Rkgg",
    "facets": {
        "category": {
            "estimated": False,
            "values": [{"value": "7", "label": "Гальмівна система", "count": 42, "lowest": None, "highest": None}],
            "lowest": None,
            "highest": None,
        }
    },
}
_SIMILAR: dict[str, JsonValue] = {
    "product_id": 877,
    "language": "uk",
    "took_ms": 3.2,
    "model": "cord-static@1d1b4a65c692",
    "nothing_because": None,
    "hits": [{**_PRODUCT, "similarity": 0.965}],
}
_ANALOGUES: dict[str, JsonValue] = {
    "product_id": 877,
    "language": "uk",
    "took_ms": 1.1,
    "total": 1,
    "total_is_exact": True,
    "hits": [_ANALOGUE],
}
_AUTOCOMPLETE: dict[str, JsonValue] = {
    "query": "колод",
    "took_ms": 1.4,
    "suggestions": [
        {
            "kind": "name",
            "text": "Колодки гальмівні",
            "language": "uk",
            "product_id": None,
            "product_count": 318,
            "detail": None,
        }
    ],
}


class Correction(BaseModel):
    """What was typed and what it was read as."""

    typed: str = Field(alias="from")
    meant: str = Field(alias="to")
    kind: Literal["keyboard_layout", "spelling", "transliteration"]


class Relaxed(BaseModel):
    """What was given up because nothing matches all that was typed."""

    steps: list[Match] = Field(description="By what the products were found then, the strictest first.")
    left_out: list[str] = Field(description="Words that the products need not have.")


class Retriever(BaseModel):
    """How one retriever fared."""

    name: str
    candidates: int
    took_ms: float
    status: RetrieverStatus


class Names(BaseModel):
    """The names of a product as the catalogue has them."""

    ru: str | None
    uk: str | None
    pl: str | None


class Reason(BaseModel):
    """Why a product was found: by which retriever, at what rank, with what score, by what match."""

    retriever: str
    rank: int = Field(ge=1)
    score: float
    matched: str


class Explanation(BaseModel):
    """How the score came about: the weighted signals it is the sum of."""

    fused_score: float
    retrievers: dict[str, float] = Field(description="What each retriever adds to the fused score.")
    coverage: float
    contributions: dict[str, float]
    boosts: list[AppliedBoost]
    signals: dict[str, bool | float]


class Product(BaseModel):
    """What every list shows of a product."""

    product_id: int
    vendor_code: str | None
    name: str | None = Field(description="The name in the language nearest to the one asked for.")
    name_language: Literal["uk", "ru", "pl"] | None
    names: Names
    main_original_number: str | None
    original_numbers: list[str] = Field(max_length=5)
    available_quantity: float = Field(ge=0)
    available: bool
    price: float | None
    image_url: str | None
    category: str | None


class Highlights(BaseModel):
    """The texts of a hit as HTML: escaped, and what was asked for between tags. Texts without a match come too."""

    name: str | None
    names: Names
    vendor_code: str | None
    main_original_number: str | None
    original_numbers: list[str] = Field(max_length=5)
    matched_number: str | None = Field(description="The part number it was found by; it may be none of the five.")


class Group(BaseModel):
    """The products a hit stands for, because they are the same part; itself first, those behind it best first."""

    count: int = Field(ge=1, description="Of the products found so far; a deeper page may know more.")
    product_ids: list[int] = Field(min_length=1)


class Hit(Product):
    """One product found."""

    score: float
    match: Match = Field(
        description='The strictest reason it was found for; "meaning": only its vector is near; '
        '"pinned": only staff put it there.'
    )
    reasons: list[Reason]
    pinned: bool = Field(description="Staff gave it this place.")
    group: Group | None = Field(description="Null unless asked for.")
    explain: Explanation | None
    highlights: Highlights | None = Field(description="Null unless asked for.")


if TYPE_CHECKING:
    SelectedHit = Hit
else:
    SelectedHit = selection_of(Hit)


class AnalogueReason(BaseModel):
    """Why a product is an analogue: a declared pair, an original number both have, or one's code is the other's."""

    kind: Literal["declared", "shared_number", "vendor_code_is_original_number"]
    number: str | None = Field(description="As the product that is replaced has it written; null for a declared pair.")


class Analogue(Product):
    """A product that may replace another one."""

    replaces: int = Field(description="ID of the product it may replace.")
    reasons: list[AnalogueReason] = Field(min_length=1)
    other_make: bool = Field(
        description="Only a number speaks for it and it is for another make: it may be another part, whose maker uses "
        "the same digits."
    )


class SimilarProduct(Product):
    """A product like another one."""

    similarity: float = Field(ge=-1, le=1, description="Cosine of the two vectors.")


class SimilarResponse(BaseModel):
    """Products like one product: the same part for the same vehicle first."""

    model_config = ConfigDict(json_schema_extra={"example": _SIMILAR})

    product_id: int
    language: Language
    took_ms: float
    model: str | None = Field(description="The model whose vectors were compared.")
    nothing_because: Literal["no_model", "no_vector", "nothing_near"] | None = Field(
        description="Why there are no hits: no model is active; the product has no vector (yet, or no words); "
        "no other product is near enough and passes the filter."
    )
    hits: list[SimilarProduct]


class AnaloguesResponse(BaseModel):
    """Products that may replace one product: declared pairs that share a number first, other makes last."""

    model_config = ConfigDict(json_schema_extra={"example": _ANALOGUES})

    product_id: int
    language: Language
    took_ms: float
    total: int = Field(description="Analogues found; a lower limit unless total_is_exact.")
    total_is_exact: bool
    hits: list[Analogue]


class SearchResponse(BaseModel):
    """The answer to a search."""

    model_config = ConfigDict(json_schema_extra={"example": _SEARCH})

    search_id: str = Field(
        pattern="^[0-9a-f]{32}$", description="Of this answer; `POST /events` tells by it what became of the hits."
    )
    query: str
    language: Language
    took_ms: float
    total: int = Field(description="Products found; a lower limit unless total_is_exact.")
    total_is_exact: bool
    degraded: bool = Field(description="A part of the search was too slow or failed and is missing from the answer.")
    corrections: list[Correction]
    showing_results_for: str | None = Field(description="The query as it was searched; null when it was not corrected.")
    did_you_mean: str | None = Field(
        description="Another reading that was not searched: a far commoner word in place of a rare one."
    )
    relaxed: Relaxed | None = Field(description="Null when something matches all that was typed.")
    rules: list[AppliedRule] | None = Field(description="Rules of staff that the query met; null unless explained.")
    timings_ms: dict[str, float]
    retrievers: list[Retriever]
    hits: list[Hit | SelectedHit] = Field(description="With `fields`, only those fields.")
    analogues: list[Analogue] = Field(
        max_length=10,
        description="On the first page of a query that is a whole part number: what may replace the products that have "
        "it, without those of another make. These products do not have the number themselves; the same filters apply.",
    )
    sort: SortOrder = Field(description='The order of the hits; "relevance" also where another one took too long.')
    next_cursor: str | None = Field(
        description="What `cursor` must be for the page after this one; null on the last one."
    )
    facets: dict[FacetName, FacetCounts] | None = Field(
        description="Null unless asked for. A facet that is filtered by is counted as if it were not. One that was too "
        "slow or failed is missing, and the answer degraded."
    )


class Suggestion(BaseModel):
    """One completion of what is being typed."""

    kind: Literal["query", "term", "name", "code", "product"] = Field(
        description="What others searched for; a word; the name of a part, with its make or without; a part number of "
        "several products; the part number of one product."
    )
    text: str
    language: str | None
    product_id: int | None
    product_count: int | None
    detail: str | None = Field(description="The name of the one product.")


class AutocompleteResponse(BaseModel):
    """The completions, best first."""

    model_config = ConfigDict(json_schema_extra={"example": _AUTOCOMPLETE})

    query: str
    took_ms: float
    suggestions: list[Suggestion]


class Health(BaseModel):
    """That the process answers."""

    status: Literal["ok"]


class Readiness(BaseModel):
    """Whether the service can answer searches, and what is missing if not."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "status": "ready",
                "checks": {"database": "ok", "catalogue": "ok", "encoder": "ok", "warm_up": "ok"},
                "stale": ["ProductPricing: last looked at 12m03s ago, the limit is 5m00s"],
            }
        }
    )

    status: Literal["ready", "not_ready"]
    checks: dict[str, str]
    stale: list[str] = Field(description="What is past its limit of freshness. Searches are answered all the same.")


class TableFreshness(BaseModel):
    """How fresh one source table is; ages in seconds, null where nobody knows."""

    source: str
    table: str
    method: Literal["snapshot", "stream", "change_tracking", "rowversion", "updated", "full_diff"]
    complete: bool = Field(description="The table was read to its end once.")
    rows: int = Field(description="Rows the snapshot read, or events the stream wrote.")
    refused: int
    newest_change_at: datetime | None = Field(description="The newest change applied; old when nothing changes.")
    newest_change_age_seconds: float | None
    looked_at: datetime | None = Field(description="Everything committed at the source before is applied.")
    look_age_seconds: float | None
    rows_behind: int | None = Field(description="Changes the source is known to have that are not applied.")
    unpublished_events: int = Field(description="Events not in the marts yet, counted up to 10,000.")
    unpublished_age_seconds: float | None
    limit_seconds: float = Field(description="0: no limit.")
    stale: bool = Field(description="Not looked at, or changes not published, for longer than the limit.")


class SearchFreshness(BaseModel):
    """Products whose new text is in the marts, but not yet in their search document and vector."""

    products: int
    waiting: int = Field(description="Counted up to 10,000.")
    waiting_age_seconds: float | None
    limit_seconds: float
    stale: bool


class Delays(BaseModel):
    """Delays of publications in seconds, upper bounds where the source does not tell the moment of a commit."""

    typical: float | None = Field(description="Median over the publications of their median event.")
    median: float | None = Field(description="Median over the publications of their slowest event.")
    p95: float | None = Field(description="95th percentile of the same.")
    worst: float | None = Field(description="The slowest event of all.")


class Publications(BaseModel):
    """Refreshes of the last ``window_seconds`` that published something."""

    window_seconds: float
    count: int
    events: int
    newest_at: datetime | None
    newest_age_seconds: float | None
    commit_to_published_seconds: Delays
    commit_to_searchable_seconds: Delays


class FreshnessResponse(BaseModel):
    """How fresh the data is. ``unknown`` before the first observation."""

    status: Literal["fresh", "stale", "unknown"]
    observed_at: datetime | None
    observed_age_seconds: float | None = Field(description="High when no worker is alive.")
    stale: list[str]
    tables: list[TableFreshness]
    search: SearchFreshness | None
    publications: Publications | None


class Problem(BaseModel):
    """An error, as RFC 9457 (Problem Details for HTTP APIs) describes them."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "about:blank",
                "title": "Unprocessable Content",
                "status": 422,
                "detail": "q: String should have at most 200 characters",
                "request_id": "0f3c5a1be8764d0c9d6a1c2f7e5b4a39",
            }
        }
    )

    type: str
    title: str
    status: int
    detail: str
    request_id: str | None = Field(default=None, description="The id in X-Request-Id and in the lines of the log.")
