"""One source by the stream, the other by the direct loader, in one worker."""

import pytest

from ingest.tables import TABLES_BY_NAME
from tests.debezium import Change
from tests.worker import Site, wait_for

kafka = pytest.importorskip("confluent_kafka", reason="needs the extra cordsearch[stream]")

TOPIC = "cord.product.ConcordDb.dbo.Product"


def test_the_stream_feeds_the_marts_beside_the_direct_loader(site: Site) -> None:
    owner = kafka.Producer({"bootstrap.servers": "made-by-librdkafka", "test.mock.num.brokers": 1, "log_level": 0})
    brokers = ",".join(f"{broker.host}:{broker.port}" for broker in owner.list_topics(timeout=10).brokers.values())
    product, row = site.rows(
        "select event.row_key, event.payload -> 'after' from bronze.product_cdc as event"
        " join staging_marts.dim_product_search as mart on mart.product_id = event.row_key order by 1 limit 1"
    )[0]
    producer = kafka.Producer({"bootstrap.servers": brokers, "log_level": 0})
    first = Change(TABLES_BY_NAME["Product"], "u", row, row | {"Name": "Зюмбрик первый"}, position=1)
    producer.produce(TOPIC, first.bare(), first.key)
    assert producer.flush(10) == 0
    worker = site.start(CORDSEARCH_KAFKA_BOOTSTRAP_SERVERS=brokers, CORDSEARCH_WORKER_STREAM_SOURCES="product")

    def is_named(name: str) -> bool:
        return bool(site.rows(
            "select from staging_marts.dim_product_search where product_id = %s and name_ru = %s"
            " and indexed_content_hash = content_hash", product, name,
        ))  # fmt: skip

    wait_for("what came before the worker", lambda: is_named("Зюмбрик первый"))
    second = Change(TABLES_BY_NAME["Product"], "u", row, row | {"Name": "Зюмбрик второй"}, position=2)
    producer.produce(TOPIC, second.bare(), second.key)
    assert producer.flush(10) == 0
    wait_for("what came while it runs", lambda: is_named("Зюмбрик второй"))
    wait_for("the direct loader follows the rest", lambda: site.value(
        "select count(*) = 35 and bool_and(table_name <> 'Product') from bronze.incremental_checkpoint"
    ))  # fmt: skip
    assert worker.stop() == 0
    assert "stream.stopped" in worker.log
    owner.flush(1)
