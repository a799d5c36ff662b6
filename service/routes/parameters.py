"""Request parameters with their bounds.

Stage: service, HTTP. What passes here is safe for the search: trimmed, not empty, bounded, without NUL characters.
"""

import re
from typing import Annotated, Self, cast, get_args

from fastapi import Path
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, JsonValue, PrivateAttr, model_validator

from service.answers.fields import LONGEST_FIELDS, field_check, field_pattern, split_fields
from service.answers.parameters import AnswerParameters
from service.bounds import LARGEST_ID
from service.routes.filter_parameters import FilterParameters, storable
from service.schemas import Language
from service.search.choices import AT_THE_BEGINNING, FacetName, Progress, SortOrder
from service.search.cursor import LONGEST_CURSOR, decode, encode
from service.search.pipeline import SearchRequest

LONGEST_QUERY = 200
LARGEST_LIMIT = 100
LARGEST_OFFSET = 1_000
LARGEST_RELATED_LIMIT = 50
LARGEST_FACET = 200
_QUESTION = {*FilterParameters.model_fields, "q", "language", "correct", "sort", "group"}
FACETS: tuple[FacetName, ...] = get_args(FacetName)


_VISIBLE = re.compile(r"[^\s\u0000-\u001f\u007f-\u00a0]")


def _query_text(value: str) -> str:
    """Return ``value`` without outer blanks. Raises ValueError when nothing or too much is left."""
    text = value.strip()
    if not _VISIBLE.search(text):
        raise ValueError("the query is empty; type a part name, a part number or a size")
    if len(text) > LONGEST_QUERY:
        raise ValueError(f"the query has {len(text)} characters; at most {LONGEST_QUERY} are allowed")
    return text


_TEXT_SCHEMA: dict[str, JsonValue] = {
    "minLength": 1,
    "maxLength": LONGEST_QUERY,
    "pattern": rf"^[^\u0000]*{_VISIBLE.pattern}[^\u0000]*$",
}
Text = Annotated[str, AfterValidator(storable), AfterValidator(_query_text), Field(json_schema_extra=_TEXT_SCHEMA)]


_BODY: dict[str, JsonValue] = {
    "q": "колодки тормозные",
    "language": "uk",
    "category_id": [7],
    "car_brand_id": [3, 5],
    "available": True,
    "price_max": 120,
    "facets": "category,car_brand,price",
    "sort": "price_asc",
    "limit": 20,
}


class SearchParameters(FilterParameters, AnswerParameters):
    """The query string of ``GET /search``."""

    q: Text = Field(
        description="A part name in any of four languages, a part number in any punctuation, a size, or several.",
        examples=["тормозні колодки", "81.43220-6012", "nzuf"],
    )
    language: Language | None = Field(
        default=None, description="Language of the names in the answer; the service's default if not given."
    )
    limit: int = Field(default=20, ge=1, le=LARGEST_LIMIT, description="Products wanted.")
    offset: int = Field(default=0, ge=0, le=LARGEST_OFFSET, description="Products to skip.")
    correct: bool = Field(
        default=True, description="Repair keyboard layout, script and spelling, or take the words as typed (false)."
    )
    facets: Annotated[str, AfterValidator(field_check(*FACETS))] | None = Field(
        default=None,
        max_length=LONGEST_FIELDS,
        description="Properties to count the products found by, comma-separated.",
        examples=["category,car_brand,available"],
        json_schema_extra={"pattern": field_pattern(*FACETS)},
    )
    facet_values: int = Field(default=50, ge=1, le=LARGEST_FACET, description="Values of each facet, at most.")
    sort: SortOrder = Field(
        default="relevance",
        description="Order. Other than by relevance it is that of the products with all the words or the number; what "
        "is only near comes where there are none.",
    )
    cursor: Annotated[str, AfterValidator(storable)] | None = Field(
        default=None,
        max_length=LONGEST_CURSOR,
        description="`next_cursor` of the page before; all but `limit` and what is shown of a hit as it was there.",
    )
    group: bool = Field(
        default=False,
        description="One hit for what is the same part: products that share the main number or are declared analogues.",
    )
    explain: bool = Field(default=False, description="Add to every hit the signals its score is the sum of.")
    analytics: bool = Field(
        default=True, description="Remember the query for reports and completions; false for tests and while typing."
    )

    _after: Progress = PrivateAttr(default_factory=lambda: AT_THE_BEGINNING)  # a default would be copied each time

    @model_validator(mode="after")
    def _the_cursor_belongs_here(self) -> Self:
        if self.cursor is not None:
            if self.offset:
                raise ValueError("cursor and offset do not go together; leave one out")
            self._after = decode(self.cursor, self.question())
        return self

    def question(self) -> str:
        """Return what decides which products are found and in which order: what a cursor belongs to."""
        return self.model_dump_json(include=_QUESTION)

    def next_cursor(self, progress: Progress | None) -> str | None:
        """Return the cursor of the page after ``progress``, None for None."""
        return None if progress is None else encode(progress, self.question())

    def request(self, language: str) -> SearchRequest:
        """Return what was asked for as the search reads it; ``language`` is the one of the answer."""
        return SearchRequest(
            text=self.q,
            limit=self.limit,
            offset=self.offset,
            filters=self.filters(),
            correct=self.correct,
            language=language,
            facets=cast("tuple[FacetName, ...]", split_fields(self.facets or "")),
            facet_values=self.facet_values,
            sort=self.sort,
            after=self._after,
            grouped=self.group,
            explain=self.explain,
        )


class SearchBody(SearchParameters):
    """The body of ``POST /search``: the same as the query string of ``GET /search``, and nothing else."""

    model_config = ConfigDict(extra="forbid", json_schema_extra={"example": _BODY})


ProductId = Annotated[int, Path(ge=1, le=LARGEST_ID, description="ID of a product.", examples=[1042])]


class RelatedParameters(BaseModel):
    """The query string of what goes with one product."""

    language: Language | None = Field(
        default=None, description="Language of the names in the answer; the service's default if not given."
    )
    limit: int = Field(default=20, ge=1, le=LARGEST_RELATED_LIMIT, description="Products wanted.")
    available: bool | None = Field(default=None, description="Only products in stock (true) or out of stock (false).")


class AutocompleteParameters(BaseModel):
    """The query string of ``GET /autocomplete``."""

    q: Text = Field(description="What has been typed so far.", examples=["колод", "SEM1"])
    language: Language | None = Field(default=None, description="Completions in this language come first.")
    limit: int = Field(default=8, ge=1, le=20, description="Completions wanted.")
