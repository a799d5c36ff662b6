"""The dbt macro normalise_code and its Python twin give the same result for every recorded pair."""

import json
from pathlib import Path

import pytest
from jinja2 import Environment

from cordsearch.analysis.codes import normalise_code
from cordsearch.database import connect
from cordsearch.transform import PROJECT_DIRECTORY

PAIRS: list[dict[str, str | None]] = json.loads(
    (Path(__file__).parents[1] / "code_normalisation.json").read_text(encoding="utf-8")
)


def macro_as_sql(argument: str) -> str:
    macro = (PROJECT_DIRECTORY / "macros" / "normalise_code.sql").read_text(encoding="utf-8")
    return Environment(autoescape=False).from_string(f"{macro}{{{{ normalise_code('{argument}') }}}}").render()


@pytest.mark.parametrize("collation", ["", 'collate "C"'])
def test_macro_agrees_with_the_pairs(postgres_url: str, collation: str) -> None:
    macro = macro_as_sql(f"(code {collation})")
    query = f"select code, {macro} from unnest(%s::text[]) with ordinality as pair (code, n) order by n"
    with connect(postgres_url) as connection:
        rows = connection.execute(query, [[pair["input"] for pair in PAIRS]]).fetchall()
    assert rows == [(pair["input"], pair["expected"]) for pair in PAIRS]


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if pair["input"] is not None], ids=lambda pair: repr(pair["input"])
)
def test_python_agrees_with_the_pairs(pair: dict[str, str]) -> None:
    assert normalise_code(pair["input"]) == pair["expected"]


@pytest.mark.parametrize(
    "pair", [pair for pair in PAIRS if pair["expected"] is not None], ids=lambda pair: repr(pair["input"])
)
def test_a_normal_form_is_its_own_normal_form(pair: dict[str, str]) -> None:
    assert normalise_code(pair["expected"]) == pair["expected"]
