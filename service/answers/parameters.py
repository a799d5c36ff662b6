"""The parameters that say what an answer holds, shared by the routes that answer with products.

Stage: service, HTTP. What passes here may stand in an answer: tags are markup of our choosing or no markup at all.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import AfterValidator, BaseModel, Field

from service.answers.fields import LONGEST_FIELDS, field_check, field_pattern, split_fields
from service.answers.schemas import ProductResponse
from service.schemas import Hit, Language
from service.search.highlight import Tags

LONGEST_TAG: Final = 60
_ELEMENTS: Final = "(em|strong|mark|b|i|u|span)"
_PLAIN: Final = r"[ !#-%(-;=?-~]{1,60}"  # printable ASCII without & < > " '
_BEFORE: Final = rf'^(<{_ELEMENTS}( class="[A-Za-z0-9_ -]{{1,40}}")?>|{_PLAIN})$'
_AFTER: Final = rf"^(</{_ELEMENTS}>|{_PLAIN})$"
_TAG_RULE: Final = (
    'em, strong, mark, b, i, u or span, with a class or without (<em>, <mark class="hit">), or printable ASCII '
    "characters without & < > \" and ' (__hit__)"
)


def _matching(pattern: str) -> Callable[[str], str]:
    compiled = re.compile(pattern)

    def check(value: str) -> str:
        # fullmatch, because a $ lets a line end pass
        if not compiled.fullmatch(value):
            raise ValueError(f"a tag is {_TAG_RULE}")
        return value

    return check


@dataclass(frozen=True, slots=True)
class Shape:
    """What an answer shall hold: names in ``language``, explanations or not, marks or not, some fields or all."""

    language: str
    explain: bool = False
    tags: Tags | None = None
    fields: Sequence[str] | None = None


class ProductParameters(BaseModel):
    """The query string of ``GET /products/{product_id}``."""

    language: Language | None = Field(
        default=None, description="Language of `name`; the service's default if not given."
    )
    fields: Annotated[str, AfterValidator(field_check(*ProductResponse.model_fields))] | None = Field(
        default=None,
        max_length=LONGEST_FIELDS,
        description="Fields of the answer, comma-separated; all if not given.",
        examples=["product_id,names,price"],
        json_schema_extra={"pattern": field_pattern(*ProductResponse.model_fields)},
    )


class AnswerParameters(BaseModel):
    """What the answer to a search holds."""

    fields: Annotated[str, AfterValidator(field_check(*Hit.model_fields))] | None = Field(
        default=None,
        max_length=LONGEST_FIELDS,
        description="Fields of a hit, comma-separated; all if not given. What `highlight`, `explain` and `group` ask "
        "for comes beside them.",
        examples=["product_id,name,price"],
        json_schema_extra={"pattern": field_pattern(*Hit.model_fields)},
    )
    highlight: bool = Field(default=False, description="Add to every hit its texts with the matches marked.")
    highlight_pre_tag: Annotated[str, AfterValidator(_matching(_BEFORE))] = Field(
        default="<em>",
        max_length=LONGEST_TAG,
        description=f"What stands before a match: {_TAG_RULE}.",
        json_schema_extra={"pattern": _BEFORE},
    )
    highlight_post_tag: Annotated[str, AfterValidator(_matching(_AFTER))] = Field(
        default="</em>",
        max_length=LONGEST_TAG,
        description="What stands after a match: the end of that element, or plain characters.",
        json_schema_extra={"pattern": _AFTER},
    )

    def shape(self, language: str, *, explain: bool) -> Shape:
        """Return what was asked, ready for the presentation."""
        tags = Tags(self.highlight_pre_tag, self.highlight_post_tag) if self.highlight else None
        return Shape(language, explain, tags, split_fields(self.fields) if self.fields else None)
