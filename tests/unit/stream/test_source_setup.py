"""The scripts name every captured table once, ask before each step and parse as T-SQL."""

import re
from collections.abc import Callable

import pytest
import sqlfluff

from ingest.stream.connectors import connector_definitions
from ingest.stream.source_setup import create_tables_script, enable_cdc_script


@pytest.mark.parametrize("source", ["product", "ecosystem"])
def test_every_captured_table_is_enabled(source: str) -> None:
    script = enable_cdc_script(source, "ConcordDb")
    (definition,) = [one for one in connector_definitions() if one.name == f"cord-{source}"]
    names = [*(table.name for table in definition.tables), "debezium_signal"]
    for name in names:
        assert script.count(f"@source_name = N'{name}'") == 1
    assert script.count("sp_cdc_enable_table") == script.count("IF NOT EXISTS") == len(names)
    assert script.startswith("-- Prepares database [ConcordDb]")
    assert "{" not in script


@pytest.mark.parametrize("source", ["product", "ecosystem"])
def test_every_captured_table_is_created_with_its_columns(source: str) -> None:
    script = create_tables_script(source, "ConcordDb")
    (definition,) = [one for one in connector_definitions() if one.name == f"cord-{source}"]
    statements = {re.findall(r"CREATE TABLE (\S+)", part)[0]: part for part in script.split("GO\n") if "TABLE" in part}
    assert set(statements) == {f"[{table.schema}].[{table.name}]" for table in definition.tables}
    for table in definition.tables:
        lines = re.findall(
            r"^ {8}\[(\w+)\] (.+?) (NOT NULL|NULL)( PRIMARY KEY)?,?$", statements[f"[dbo].[{table.name}]"], re.MULTILINE
        )
        expected = [
            (c.name, c.type, "NULL" if c.nullable else "NOT NULL", c.name == table.primary_key) for c in table.columns
        ]
        assert [(name, kind, null, bool(key)) for name, kind, null, key in lines] == expected


@pytest.mark.parametrize("script", [create_tables_script, enable_cdc_script])
def test_the_scripts_are_tsql(script: Callable[[str, str], str]) -> None:
    for batch in re.split(r"^GO$", script("product", "ConcordDb"), flags=re.MULTILINE):
        if batch.strip():
            assert sqlfluff.parse(batch, dialect="tsql")


def test_text_that_is_no_tsql_would_be_noticed() -> None:
    with pytest.raises(sqlfluff.api.simple.APIParsingError):
        sqlfluff.parse("CREATE TABLE dbo.Product (ID bigint NOT NULL PRIMARY KEY", dialect="tsql")


@pytest.mark.parametrize(("source", "database"), [("orders", "x"), ("product", ""), ("product", "x]; DROP")])
def test_names_that_make_no_sense_are_refused(source: str, database: str) -> None:
    for script in (enable_cdc_script, create_tables_script):
        with pytest.raises(ValueError, match=r"is not"):
            script(source, database)
