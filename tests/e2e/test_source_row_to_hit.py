"""A row of the source becomes an HTTP hit; its change changes the hit; its deletion removes it."""

import asyncio
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from cordsearch.database import connect
from cordsearch.pipeline import load
from cordsearch.settings import Settings
from cordsearch.transform import Transform
from embeddings.job import run_embedding_job
from service.app import create_app
from service.tables import create_tables
from tests.catalogue import Catalogue

NEW_PRODUCT = 900_001

NEW_ROW = {
    "ID": NEW_PRODUCT,
    "NetUID": "00000000-0000-4000-8000-000000900001",
    "Deleted": False,
    "VendorCode": "QXZ777001",
    "MainOriginalNumber": "77.99887-6655",
    "Name": "Лебедка якорная",
    "NameUA": "Лебідка якірна",
    "NamePL": "Wciągarka kotwiczna",
}

COPY_A_PRODUCT = """
insert into dbo."Product"
select (jsonb_populate_record(original, %(changes)s)).*
from dbo."Product" as original
where original."ID" = (select min("ID") from dbo."Product" where not "Deleted")
"""


class Shop:
    """One test's own source and warehouse, and the stages between them."""

    def __init__(self, source_url: str, warehouse_url: str, data_directory: Path) -> None:
        self.source_url = source_url
        self.warehouse_url = warehouse_url
        self.settings = Settings(
            data_directory=data_directory,
            DATABASE_URL=warehouse_url,
            source_product_url=source_url,
            source_ecosystem_url=source_url,
        )
        self.transform = Transform(warehouse_url, data_directory / "dbt")

    def change_source(self, statement: str, **values: object) -> None:
        with connect(self.source_url) as connection:
            connection.execute(statement, values)

    def refresh(self) -> None:
        load(self.settings, self.warehouse_url, tables=["Product"], restart=True)
        self.transform.run()
        run_embedding_job(self.warehouse_url, self.settings)

    async def search(self, query: str) -> list[dict[str, Any]]:
        await asyncio.to_thread(create_tables, self.warehouse_url)
        app = create_app(self.settings, self.warehouse_url)
        async with (
            app.router.lifespan_context(app),
            httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://shop") as client,
        ):
            answer = await client.get("/search", params={"q": query, "language": "uk"})
        assert answer.status_code == httpx.codes.OK, answer.text
        hits: list[dict[str, Any]] = answer.json()["hits"]
        return hits


@pytest.fixture
def shop(catalogue: Catalogue, catalogue_source: str, catalogue_database: str) -> Shop:
    return Shop(catalogue_source, catalogue_database, catalogue.model_directory.parent)


async def test_a_new_changed_and_deleted_row(shop: Shop) -> None:
    assert not [hit for hit in await shop.search("QXZ777001") if hit["vendor_code"] == "QXZ777001"]

    shop.change_source(COPY_A_PRODUCT, changes=json.dumps(NEW_ROW))
    shop.refresh()
    for query in ("qxz-777 001", "QXZ777", "лебідка якірна", "лебедка якорная", "wciągarka kotwiczna", "7799887 6655"):
        first = (await shop.search(query))[0]
        assert first["product_id"] == NEW_PRODUCT, query
        assert first["name"] == "Лебідка якірна"

    shop.change_source(
        """update dbo."Product" set "NameUA" = 'Кабестан шлюзовий', "Updated" = "Updated" + interval '1 day'
           where "ID" = %(product)s""",
        product=NEW_PRODUCT,
    )
    shop.refresh()
    first = (await shop.search("кабестан шлюзовий"))[0]
    assert (first["product_id"], first["name"]) == (NEW_PRODUCT, "Кабестан шлюзовий")

    shop.change_source('update dbo."Product" set "Deleted" = true where "ID" = %(product)s', product=NEW_PRODUCT)
    shop.refresh()
    assert NEW_PRODUCT not in [hit["product_id"] for hit in await shop.search("QXZ777001")]
    assert NEW_PRODUCT not in [hit["product_id"] for hit in await shop.search("кабестан шлюзовий")]
