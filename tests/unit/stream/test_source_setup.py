"""The script names every captured table once and asks before each step."""

import pytest

from ingest.stream.connectors import connector_definitions
from ingest.stream.source_setup import enable_cdc_script


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


@pytest.mark.parametrize(("source", "database"), [("orders", "x"), ("product", ""), ("product", "x]; DROP")])
def test_names_that_make_no_sense_are_refused(source: str, database: str) -> None:
    with pytest.raises(ValueError, match=r"is not"):
        enable_cdc_script(source, database)
