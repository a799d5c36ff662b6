"""The worker as a process: what changes at the source becomes searchable, and it comes and goes in good order."""

from typing import Any

import httpx

from cordsearch.database import connect
from cordsearch.status import read_status
from cordsearch.worker.queue import install_schema
from tests.catalogue import Catalogue
from tests.service import running_application, service_settings
from tests.worker import Site, wait_for

RENAME = """
    update dbo."Product"
    set "Name" = 'Зюмбрик ' || "Name", "NameUA" = 'Зюмбрик ' || "NameUA", "Updated" = now() at time zone 'utc'
    where "ID" = %s
"""
RESTOCK = """
    update dbo."ProductAvailability" set "Amount" = "Amount" + 1000, "Updated" = now() at time zone 'utc'
    where "ID" = %s
"""
IN_STOCK = """
    select product.product_id, stock.product_availability_id, product.available_quantity
    from staging_marts.dim_product as product
    join staging_staging.stg_product_availability as stock using (product_id)
    join staging_staging.stg_storage as storage using (storage_id)
    where product.available_quantity > 0 and not stock.deleted and not storage.deleted and not storage.for_defective
    order by product.product_id limit 1
"""


async def hits(client: httpx.AsyncClient, query: str) -> list[dict[str, Any]]:
    answer = await client.get("/search", params={"q": query, "limit": 50})
    answer.raise_for_status()
    found: list[dict[str, Any]] = answer.json()["hits"]
    return found


async def test_changes_at_the_source_become_searchable(site: Site, catalogue: Catalogue) -> None:
    product, stock_row, quantity = site.rows(IN_STOCK)[0]
    deleted = site.value("select max(product_id) from staging_marts.dim_product_search")
    worker = site.start(CORDSEARCH_WORKER_RECONCILE_CRON="* * * * * */2")
    site.wait_until_followed()
    site.change(RENAME, product)
    site.change(RESTOCK, stock_row)
    site.change('delete from dbo."Product" where "ID" = %s', deleted)
    wait_for("the stock is in the mart", lambda: site.value(
        "select available_quantity from staging_marts.dim_product where product_id = %s", product
    ) == quantity + 1000)  # fmt: skip
    wait_for("text and vector are of the new name", lambda: site.rows(
        "select from staging_marts.dim_product_search where product_id = %s and name_ru like 'Зюмбрик %%'"
        " and indexed_content_hash = content_hash and embedding is not null", product,
    ))  # fmt: skip
    wait_for("the deleted product has left search", lambda: not site.rows(
        "select from staging_marts.dim_product_search where product_id = %s", deleted
    ))  # fmt: skip
    async with running_application(service_settings(catalogue), site.warehouse) as application:
        found = {hit["product_id"]: hit for hit in await hits(application.client, "зюмбрик")}
    assert found[product]["available_quantity"] == quantity + 1000
    assert worker.stop() == 0
    assert "worker.stopped" in worker.log
    assert site.value("select count(*) from worker.procrastinate_jobs where status = 'doing'") == 0
    assert site.value("select count(*) from worker.procrastinate_jobs where status = 'succeeded'") == 0


def test_once_does_what_is_due_and_ends(site: Site) -> None:
    product = site.value("select min(product_id) from staging_marts.dim_product_search")
    site.change(RENAME, product)
    worker = site.start("--once")
    assert worker.process.wait(timeout=60) == 0, worker.log
    assert site.rows(
        "select from staging_marts.dim_product_search where product_id = %s and name_ru like 'Зюмбрик %%'"
        " and indexed_content_hash = content_hash", product,
    )  # fmt: skip


def test_a_table_that_fails_does_not_stop_the_others(site: Site) -> None:
    product, stock_row, quantity = site.rows(IN_STOCK)[0]
    site.change('alter table dbo."ProductReservation" rename column "Qty" to "Quantity"')
    worker = site.start()
    wait_for("the failure is noted", lambda: site.rows(
        "select from worker.table_problem where table_name = 'ProductReservation' and reason like '%%Qty%%'"
    ))  # fmt: skip
    status = read_status(site.warehouse, lambda _: 0)
    assert status.workers == 1
    assert [(trouble.name, "Qty" in trouble.reason) for trouble in status.troubles] == [("ProductReservation", True)]
    assert "failing    ProductReservation" in status.as_table()
    site.change(RESTOCK, stock_row)
    wait_for("the others go on", lambda: site.value(
        "select available_quantity from staging_marts.dim_product where product_id = %s", product
    ) == quantity + 1000)  # fmt: skip
    site.change('alter table dbo."ProductReservation" rename column "Quantity" to "Qty"')
    wait_for("it recovers", lambda: not site.rows("select from worker.table_problem"))
    assert "table.failed" in worker.log
    assert "table.recovered" in worker.log


def test_the_queue_lives_in_a_schema_of_its_own(empty_database: str) -> None:
    install_schema(empty_database)
    install_schema(empty_database)
    with connect(empty_database) as connection:
        schemas = connection.execute(
            "select distinct relnamespace::regnamespace::text from pg_class where relname like 'procrastinate%'"
        ).fetchall()
        applied = connection.execute("select count(*) from worker.applied_migration").fetchone()
    assert schemas == [("worker",)]
    assert applied
    assert applied[0] > 30
