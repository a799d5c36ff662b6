"""Selecting the fields of an answer: ``fields=product_id,name,price``. Pure.

Stage: service, HTTP. Reads the fields of a published model and what was asked; writes the selected part.
"""

from collections.abc import Callable, Sequence
from typing import Any

from pydantic import BaseModel, create_model

LONGEST_FIELDS = 1_000


def field_check(*known: str) -> Callable[[str], str]:
    """Return a validator of a comma-separated selection out of the fields ``known``."""

    def check(asked: str) -> str:
        unknown = [name for name in split_fields(asked) if name not in known]
        if unknown or not split_fields(asked):
            what = f"there is no field {', '.join(map(repr, unknown))}" if unknown else "no field is named"
            raise ValueError(f"{what}; there are: {', '.join(known)}")
        return asked

    return check


def field_pattern(*known: str) -> str:
    """Return the same rule as a regular expression, for the schema."""
    name = f"({'|'.join(known)})"
    return f"^{name}(,{name})*$"


def split_fields(asked: str) -> tuple[str, ...]:
    """Return the names in a comma-separated selection, each once, in their order."""
    return tuple(dict.fromkeys(name for name in map(str.strip, asked.split(",")) if name))


def select(item: dict[str, Any], fields: Sequence[str] | None) -> dict[str, Any]:
    """Return ``item`` with only ``fields``, in their order; all of it for None."""
    return item if fields is None else {name: item[name] for name in fields if name in item}


def selection_of(model: type[BaseModel]) -> Any:
    """Return the model of what is left of ``model`` after a selection: the same fields, each of which may be missing.

    For type checkers its instances are those of ``model``.
    """
    changes: dict[str, Any] = {name: (field.annotation, None) for name, field in model.model_fields.items()}
    return create_model(f"Selected{model.__name__}", __doc__=f"The selected fields of {model.__name__}.", **changes)
