"""librdkafka's own mock cluster over TCP; imports the Kafka client only when a test asks for it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.kafka import Stream


@pytest.fixture(scope="session")
def brokers() -> Iterator[str]:
    """Addresses of a mock cluster that lives in the producer that was told to make it."""
    from confluent_kafka import Producer  # noqa: PLC0415

    owner = Producer({"bootstrap.servers": "made-by-librdkafka", "test.mock.num.brokers": 1, "log_level": 0})
    yield ",".join(f"{broker.host}:{broker.port}" for broker in owner.list_topics(timeout=10).brokers.values())
    owner.flush(1)


@pytest.fixture
def stream(brokers: str, empty_database: str) -> "Stream":
    from tests.kafka import Stream  # noqa: PLC0415

    return Stream(brokers, empty_database)
