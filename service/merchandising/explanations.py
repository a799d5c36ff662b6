"""How an answer tells what rules did to it, as OpenAPI publishes it. Pure.

Stage: service, HTTP.
"""

from typing import Literal

from pydantic import BaseModel, Field


class AppliedRule(BaseModel):
    """A rule of staff that this search met."""

    rule_id: int
    kind: Literal["synonyms", "stop_words", "query"]
    effect: str = Field(description="For a person to read.")


class AppliedBoost(BaseModel):
    """A boost that this hit got; the sum of all is among the contributions, as ``boost``, from -1 to 1."""

    rule_id: int
    addition: float
