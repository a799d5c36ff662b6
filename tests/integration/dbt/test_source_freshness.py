"""dbt source freshness asks when a table was last looked at, not when something last changed in it."""

from pathlib import Path

import pytest

from cordsearch.database import connect
from cordsearch.freshness import observe
from cordsearch.transform import Transform, TransformError


def test_a_quiet_table_passes_and_one_that_nobody_looks_at_does_not(catalogue_database: str, tmp_path: Path) -> None:
    observe(catalogue_database)
    transform = Transform(catalogue_database, tmp_path)
    with connect(catalogue_database, autocommit=True) as connection:
        connection.execute("update bronze.storage_cdc set loaded_at = now() - interval '1 year'")
        connection.execute(
            "update freshness.source_table"
            " set looked_at = now() - interval '5 s', newest_change_at = now() - interval '1 year'"
        )
        transform.check_freshness()
        connection.execute(
            "update freshness.source_table set looked_at = now() - interval '25 h' where table_name = 'ProductPricing'"
        )
    with pytest.raises(TransformError, match="product_pricing_cdc") as failure:
        transform.check_freshness()
    assert "storage_cdc" not in str(failure.value)
