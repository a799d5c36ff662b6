"""Request parameters with their bounds.

Stage: service, HTTP. What passes here is safe for the search: trimmed, not empty, bounded, without control characters.
"""

from typing import Annotated

from fastapi import Query
from pydantic import AfterValidator

from service.schemas import Language

LONGEST_QUERY = 200
LARGEST_LIMIT = 100
LARGEST_OFFSET = 1_000


def _text(value: str) -> str:
    """Return ``value`` without outer blanks. Raises ValueError for what no search can be made of."""
    if "\x00" in value:
        raise ValueError("a NUL character cannot be searched for")
    text = value.strip()
    if not text:
        raise ValueError("the query is empty; type a part name, a part number or a size")
    if len(text) > LONGEST_QUERY:
        raise ValueError(f"the query has {len(text)} characters; at most {LONGEST_QUERY} are allowed")
    return text


def _prefix(value: str) -> str:
    if "\x00" in value:
        raise ValueError("a NUL character cannot be part of a code")
    return value.strip()


def _lone_surrogates(value: str) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise ValueError("the text is not valid Unicode") from None
    return value


QueryText = Annotated[
    str,
    AfterValidator(_lone_surrogates),
    AfterValidator(_text),
    Query(
        description="A part name in any of four languages, a part number in any punctuation, a size, or several.",
        examples=["тормозні колодки", "81.43220-6012", "nzuf"],
    ),
]
TypedText = Annotated[
    str,
    AfterValidator(_lone_surrogates),
    AfterValidator(_text),
    Query(description="What has been typed so far.", examples=["колод", "SEM1"]),
]
Limit = Annotated[int, Query(ge=1, le=LARGEST_LIMIT, description="Results wanted.")]
Offset = Annotated[int, Query(ge=0, le=LARGEST_OFFSET, description="Results to skip.")]
SuggestionLimit = Annotated[int, Query(ge=1, le=20, description="Completions wanted.")]
Supplier = Annotated[
    str | None,
    AfterValidator(lambda value: None if value is None else _prefix(_lone_surrogates(value))),
    Query(max_length=40, description="Only products whose vendor code begins so.", examples=["SEM1"]),
]
Available = Annotated[bool | None, Query(description="Only products in stock (true) or out of stock (false).")]
Explain = Annotated[bool, Query(description="Add to every hit the signals its score is the sum of.")]
AskedLanguage = Annotated[
    Language | None, Query(description="Language of the names in the answer; the service's default if not given.")
]
