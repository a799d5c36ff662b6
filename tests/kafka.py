"""What the tests of the stream share: one test's own topics, and consumers in threads. Needs the Kafka client."""

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self

from confluent_kafka import Producer

from cordsearch.database import connect
from ingest.stream.consumer import StreamConsumer, StreamReport
from ingest.stream.decode import AvroReader, MessageDecoder
from ingest.stream.lag import read_lag
from ingest.stream.store import StreamStore
from tests.debezium import Change

PATIENCE_SECONDS = 60


@dataclass
class Stream:
    """One test's own topics and consumer group."""

    brokers: str
    warehouse_url: str
    prefix: str = field(default_factory=lambda: f"cord.{secrets.token_hex(4)}")

    def __post_init__(self) -> None:
        self.producer = Producer({"bootstrap.servers": self.brokers, "log_level": 0})

    def topic(self, name: str = "Product") -> str:
        return f"{self.prefix}.ConcordDb.dbo.{name}"

    def send(self, *values: bytes | None, topic: str | None = None, key: bytes = b"{}", partition: int = 0) -> None:
        for value in values:
            self.producer.produce(topic or self.topic(), value, key, partition)
        assert self.producer.flush(10) == 0

    def send_changes(self, *changes: Change, partition: int | None = None) -> None:
        for change in changes:
            key = (change.after or change.before or {})["ID"]
            place = key % 4 if partition is None else partition
            self.send(change.bare(), topic=self.topic(change.table.name), key=change.key, partition=place)

    def consumer(self, avro: AvroReader | None = None, **options: Any) -> StreamConsumer:
        configuration = {
            "bootstrap.servers": self.brokers, "group.id": self.prefix, "log_level": "0",
            # the mock cluster's rebalances take the session's time
            "session.timeout.ms": "3000", "heartbeat.interval.ms": "300",
        }  # fmt: skip
        return StreamConsumer(
            configuration, StreamStore(self.warehouse_url), MessageDecoder(avro),
            topics=rf"^{self.prefix}\..*", linger_seconds=0.05, **options,
        )  # fmt: skip

    def run_until(self, done: Callable[[], bool], avro: AvroReader | None = None, **options: Any) -> StreamReport:
        """Run one consumer until ``done``; fails when that takes too long."""
        with Running(self.consumer(avro, **options)) as running:
            self.wait_for(done, running)
        assert running.report is not None
        return running.report

    def wait_for(self, done: Callable[[], bool], *running: "Running") -> None:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not done():
            for one in running:
                one.check()
            assert time.monotonic() < deadline, f"not done in {PATIENCE_SECONDS} s: {read_lag(self.warehouse_url)}"
            time.sleep(0.05)

    def query(self, statement: str) -> list[tuple[Any, ...]]:
        with connect(self.warehouse_url, autocommit=True) as connection:
            return connection.execute(statement).fetchall()

    def handled(self) -> int:
        """Messages whose offsets are stored."""
        return sum(part.next_offset for part in read_lag(self.warehouse_url))

    def has_handled(self, count: int) -> Callable[[], bool]:
        return lambda: self.handled() >= count


class Running:
    """A consumer in a thread of its own."""

    def __init__(self, consumer: StreamConsumer) -> None:
        self._consumer = consumer
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.report: StreamReport | None = None
        self.error: BaseException | None = None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_exception: object) -> None:
        self._stop.set()
        self._thread.join(PATIENCE_SECONDS)
        self.check()

    def check(self) -> None:
        if self.error is not None:
            raise self.error

    def _run(self) -> None:
        try:
            self.report = self._consumer.run(self._stop)
        except BaseException as error:  # noqa: BLE001 - handed to the test's thread
            self.error = error
