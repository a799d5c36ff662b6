"""One change at the source, taken all the way by the real stages: what freshness says of it at each step."""

from pathlib import Path
from typing import Any

from cordsearch.database import connect
from cordsearch.freshness import observe
from cordsearch.pipeline import follow_changes
from cordsearch.settings import Settings
from cordsearch.status import read_status
from cordsearch.transform import Transform
from embeddings.job import run_embedding_job
from tests.catalogue import Catalogue


def one(url: str, query: str) -> tuple[Any, ...]:
    with connect(url) as connection:
        row = connection.execute(query).fetchone()
        assert row is not None
        return row


def test_a_renamed_product_from_its_commit_until_it_is_searchable(
    catalogue: Catalogue, catalogue_database: str, catalogue_source: str, tmp_path: Path
) -> None:
    settings = Settings(data_directory=catalogue.model_directory.parent, DATABASE_URL=catalogue_database)
    transform = Transform(catalogue_database, tmp_path)
    tables = ("Product",)
    follow_changes(settings, catalogue_database, catalogue_source, source="product", tables=tables)  # begins to follow
    transform.run()
    run_embedding_job(catalogue_database, settings)
    observe(catalogue_database)
    (before,) = one(catalogue_database, "select publications from freshness.pipeline")

    with connect(catalogue_source) as connection:
        connection.execute(
            'update dbo."Product" set "Name" = %s, "Updated" = now() at time zone \'utc\' where "ID" ='
            ' (select min("ID") from dbo."Product" where not "Deleted")',
            ["Зовсім нова назва"],
        )
    (committed,) = one(catalogue_source, "select clock_timestamp()")
    follow_changes(settings, catalogue_database, catalogue_source, source="product", tables=tables)
    state = "select unpublished_events, looked_at >= %s from freshness.source_table where table_name = 'Product'"
    assert one(catalogue_database, state.replace("%s", f"'{committed}'")) == (1, True)

    transform.run()
    observe(catalogue_database)
    newest = "from freshness.publication order by publication_id desc limit 1"
    waits = f"select events, searchable_at is null, cardinality(waiting), oldest_commit_at < '{committed}' {newest}"
    assert one(catalogue_database, waits) == (1, True, 1, True)
    assert one(catalogue_database, "select publications, waiting from freshness.pipeline") == (before + 1, 1)

    run_embedding_job(catalogue_database, settings)
    status = read_status(catalogue_database, settings.freshness_limit)
    assert (status.search.waiting, status.search.is_stale(300)) == (0, False)
    assert status.search.publications >= 1
    searchable = f"select searchable_at > published_at and published_at > oldest_commit_at {newest}"
    assert one(catalogue_database, searchable) == (True,)
    (product,) = [table for table in status.as_dict()["tables"] if table["table_name"] == "Product"]
    assert (product["unpublished_events"], product["rows_behind"], product["stale"]) == (0, 0, False)
    assert "0 waiting for their vector" in status.as_table()
