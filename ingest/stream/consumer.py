"""Stage: KAFKA -> BRONZE, the loop. Reads topics ``cord.*``, writes micro-batches through ``ingest.stream.store``.

PostgreSQL holds the offsets; Kafka's own are written afterwards, only for tools that show lag. On assignment a
partition starts where PostgreSQL says; before one is let go, the batch under way is committed.
Memory is bounded: two batches, plus what librdkafka may fetch ahead (``queued.max.messages.kbytes``). While PostgreSQL
or Schema Registry is away the partitions are paused and the group membership is kept; then the same batch is tried
again. A message that cannot be decoded becomes a dead letter and the stream goes on.
"""

import logging
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event as Signal

import psycopg

from cordsearch.errors import CordSearchError, DatabaseUnavailableError, SettingsError
from cordsearch.settings import Settings
from ingest.failures import RETRY_DELAYS_SECONDS, WarehouseError
from ingest.stream.batch import Partition, Slice, decode_batch
from ingest.stream.decode import Message, MessageDecoder
from ingest.stream.store import StreamStore, Written

try:
    from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
    from confluent_kafka import Message as KafkaMessage

    from ingest.stream.avro import SchemaRegistryUnavailableError, avro_reader
except ImportError as error:
    raise CordSearchError(
        f"The stream needs the Kafka client, which is not installed ({error.name}): pip install 'cordsearch[stream]'"
    ) from error

log = logging.getLogger(__name__)

_BROKER_SECONDS = 15
_LONGEST_DELAY_SECONDS = 10.0
_LAG_SECONDS = 5.0
_SHORT_LINGER_SECONDS = 0.02  # while a batch is being written: its end is to be noticed
_AWAY = (
    psycopg.OperationalError, psycopg.InterfaceError, DatabaseUnavailableError, SchemaRegistryUnavailableError,
)  # fmt: skip
_HARMLESS = {KafkaError._PARTITION_EOF, KafkaError.UNKNOWN_TOPIC_OR_PART, KafkaError._MAX_POLL_EXCEEDED}  # noqa: SLF001 - librdkafka's own codes carry the underscore
_HOPELESS = {KafkaError._AUTHENTICATION, KafkaError._FATAL}  # noqa: SLF001


class StreamError(CordSearchError):
    """The stream cannot go on without a person; the message says what to do."""


@dataclass(slots=True)
class StreamReport:
    """What one run wrote."""

    rows: int = 0
    dead_letters: int = 0
    batches: int = 0
    seconds: float = 0.0

    def __str__(self) -> str:
        parked = (
            f", {self.dead_letters:,} dead letters (cordsearch ingest dead-letters list)" if self.dead_letters else ""
        )
        return f"{self.rows:,} events in {self.batches:,} batches, {self.seconds:.1f} s{parked}."


def run_stream(
    settings: Settings,
    warehouse_url: str,
    stop: Signal,
    *,
    after_batch: Callable[[Written], None] | None = None,
) -> StreamReport:
    """Read the stream into bronze until ``stop`` is set; return what was written.

    ``after_batch`` is called after each commit, for a worker that wants to know of changes at once.

    Raises:
        SettingsError: no brokers are configured. StreamError: Kafka is unreachable at the start, refuses the login,
        or no longer has what was stored. WarehouseError: PostgreSQL refuses for good. What was committed stays.
    """
    if not settings.kafka_bootstrap_servers:
        raise SettingsError("CORDSEARCH_KAFKA_BOOTSTRAP_SERVERS is not set. Give host:port of the Kafka brokers.")
    configuration = {"bootstrap.servers": settings.kafka_bootstrap_servers, "group.id": settings.kafka_group}
    with StreamStore(warehouse_url) as store:
        consumer = StreamConsumer(
            configuration | settings.kafka_options,
            store,
            MessageDecoder(avro_reader(settings)),
            topics=settings.kafka_topics,
            batch_size=settings.stream_batch_size,
            linger_seconds=settings.stream_linger_ms / 1000,
        )
        return consumer.run(stop, after_batch)


class StreamConsumer:
    """One member of the consumer group.

    While one batch is written by a second thread, the next one is fetched and decoded; never more than these two.
    Only that thread uses the store.
    """

    def __init__(
        self,
        configuration: dict[str, str],
        store: StreamStore,
        decoder: MessageDecoder,
        *,
        topics: str,
        batch_size: int = 5_000,
        linger_seconds: float = 0.2,
    ) -> None:
        self._configuration = _DEFAULTS | configuration | {"error_cb": self._broker_error}
        self._store = store
        self._decoder = decoder
        self._topics = topics
        self._batch_size = batch_size
        self._linger = linger_seconds
        self._positions: dict[Partition, int] = {}  # the next offset to decode, of every partition owned
        self._holes: dict[Partition, int] = {}  # places that were read twice because messages began after them
        self._carried: list[Message] = []
        self._waiting = False
        self._hopeless: KafkaError | None = None
        self._lag_noted = 0.0
        self._flight: tuple[dict[Partition, Slice], Future[Written]] | None = None
        self._consumer: Consumer = None  # type: ignore[assignment] # opened by run

    def run(self, stop: Signal, after_batch: Callable[[Written], None] | None = None) -> StreamReport:
        """Read until ``stop`` is set. Raises StreamError, WarehouseError."""
        report, started = StreamReport(), time.monotonic()
        with ThreadPoolExecutor(1, thread_name_prefix="stream-writer") as self._writer, self._store:
            try:
                self._store.create_tables()
                self._consumer = self._open()
                self._consumer.subscribe(
                    [self._topics], on_assign=self._assigned, on_revoke=self._let_go, on_lost=self._let_go
                )
                while not stop.is_set():
                    self._count(self._step(stop), report, after_batch)
                self._count(self._land(stop), report, after_batch)
            except psycopg.Error as error:
                raise WarehouseError(
                    f"Writing the stream failed for good ({str(error).partition(chr(10))[0]}). Nothing was "
                    f"half-written: put the cause right and start the stream again, it goes on where it stopped."
                ) from error
            except KafkaException as error:
                raise StreamError(f"Kafka: {error.args[0]}. Nothing was lost: start the stream again.") from error
            finally:
                if self._consumer is not None:
                    self._consumer.close()
        report.seconds = time.monotonic() - started
        return report

    def _count(
        self, written: Written | None, report: StreamReport, after_batch: Callable[[Written], None] | None
    ) -> None:
        if written is not None:
            report.rows += written.rows
            report.dead_letters += written.dead_letters
            report.batches += 1
            if after_batch is not None:
                after_batch(written)

    def _open(self) -> Consumer:
        consumer = Consumer(self._configuration, logger=log)
        try:
            consumer.list_topics(timeout=_BROKER_SECONDS)
        except KafkaException as error:
            consumer.close()
            raise StreamError(
                f"Kafka cannot be reached at {self._configuration['bootstrap.servers']} ({error.args[0]}). "
                f"Check CORDSEARCH_KAFKA_BOOTSTRAP_SERVERS, and CORDSEARCH_KAFKA_OPTIONS for TLS and login."
            ) from error
        return consumer

    def _step(self, stop: Signal) -> Written | None:
        """Fetch and decode one batch, land the one before, send this one off; return what landed."""
        messages = self._fetch()
        batch = self._decode(messages, stop) if messages else {}
        written = self._land(stop)
        batch = {partition: piece for partition, piece in batch.items() if self._still_at(partition, piece)}
        if batch and not stop.is_set():
            self._flight = (batch, self._writer.submit(self._store.write, batch))
        elif not batch:
            self._note_lag()
        return written

    def _fetch(self) -> list[Message]:
        messages, self._carried = self._carried, []
        if len(messages) < self._batch_size:
            timeout = 0.0 if messages else (_SHORT_LINGER_SECONDS if self._flight else self._linger)
            fetched = self._consumer.consume(self._batch_size - len(messages), timeout=timeout)
            messages += [_message(message) for message in fetched if self._usable(message)]
        if self._hopeless is not None:
            raise StreamError(f"Kafka refuses: {self._hopeless.str()}. Check CORDSEARCH_KAFKA_OPTIONS.")
        return messages

    def _contiguous(self, messages: list[Message]) -> list[Message]:
        """Leave out messages that begin after the place where their partition should go on, and read that place again.

        What was fetched before a rebalance may still be in hand after it, while PostgreSQL stands further back. A
        hole that is still there the second time is the broker's own (compaction, aborted transactions).
        """
        first: dict[Partition, int] = {}
        for message in messages:
            first.setdefault(Partition(message.topic, message.partition), message.offset)
        doubtful = set()
        for partition, offset in first.items():
            position = self._positions.get(partition)
            if position is None or offset <= position:
                self._holes.pop(partition, None)
            elif self._holes.get(partition) != position:
                self._holes[partition] = position
                self._read_from(partition, position)
                doubtful.add(partition)
        return [m for m in messages if Partition(m.topic, m.partition) not in doubtful] if doubtful else messages

    def _usable(self, message: KafkaMessage) -> bool:
        error = message.error()
        if error is None:
            return True
        if error.code() in _HARMLESS:
            log.info("stream.broker_notice", extra={"error": error.str()})
            return False
        raise StreamError(
            f"Kafka reported for {message.topic()}, partition {message.partition()}: {error.str()}. Nothing was lost: "
            f"put the cause right (access rights, a topic that was cut) and start the stream again."
        )

    def _decode(self, messages: list[Message], stop: Signal) -> dict[Partition, Slice]:
        """Decode a batch, again and again while Schema Registry is away; empty when stopped meanwhile."""
        delays = iter(RETRY_DELAYS_SECONDS)
        while True:
            try:
                batch = decode_batch(self._contiguous(messages), self._positions, self._decoder)
                break
            except SchemaRegistryUnavailableError as error:
                self._wait(next(delays, _LONGEST_DELAY_SECONDS), stop, error)
                if stop.is_set():
                    return {}
        for partition, piece in batch.items():
            piece.end_offset = self._end_of(partition)
            self._positions[partition] = piece.next_offset
        return batch

    def _land(self, stop: Signal) -> Written | None:
        """Wait until the batch under way is committed, again and again while PostgreSQL is away."""
        if self._flight is None:
            return None
        delays = iter(RETRY_DELAYS_SECONDS)
        while True:
            batch, future = self._flight
            try:
                written = future.result()
                break
            except _AWAY as error:
                self._store.close()
                if stop.is_set():
                    return None
                self._wait(next(delays, _LONGEST_DELAY_SECONDS), stop, error)
                batch = {partition: piece for partition, piece in batch.items() if partition in self._positions}
                self._flight = (batch, self._writer.submit(self._store.write, batch))
        self._flight = None
        self._follow(batch, written)
        return written

    def _follow(self, batch: dict[Partition, Slice], written: Written) -> None:
        """Tell Kafka the stored offsets; read again where PostgreSQL stands elsewhere than this batch ended."""
        commits = []
        for partition, offset in written.positions.items():
            if partition not in self._positions:
                continue
            if offset == batch[partition].next_offset:
                commits.append(TopicPartition(partition.topic, partition.number, offset))
            else:
                log.warning("stream.moved_by_another", extra={"partition": str(partition), "offset": offset})
                self._read_from(partition, offset)
        if commits:
            self._consumer.commit(offsets=commits, asynchronous=True)

    def _still_at(self, partition: Partition, piece: Slice) -> bool:
        """False for a partition that was revoked, or sent back, after its messages were decoded."""
        return self._positions.get(partition) == piece.next_offset

    def _read_from(self, partition: Partition, offset: int) -> None:
        place = TopicPartition(partition.topic, partition.number, offset)
        self._positions[partition] = offset
        self._carried = [m for m in self._carried if Partition(m.topic, m.partition) != partition]
        self._consumer.incremental_unassign([place])
        self._consumer.incremental_assign([place])

    def _wait(self, seconds: float, stop: Signal, cause: Exception) -> None:
        """Let time pass without leaving the group: nothing is fetched, rebalances are served."""
        log.warning("stream.waiting", extra={"seconds": seconds, "error": str(cause).partition("\n")[0]})
        self._waiting = True
        self._consumer.pause(self._consumer.assignment())
        until = time.monotonic() + seconds
        while not stop.is_set() and time.monotonic() < until:
            message = self._consumer.poll(min(0.1, seconds))
            if message is not None and self._usable(message):
                self._carried.append(_message(message))
        self._waiting = False
        self._consumer.resume(self._consumer.assignment())

    def _assigned(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        starts = self._starts(consumer, [Partition(place.topic, place.partition) for place in partitions])
        self._positions.update(starts)
        places = [TopicPartition(partition.topic, partition.number, offset) for partition, offset in starts.items()]
        consumer.incremental_assign(places)
        if self._waiting:
            consumer.pause(places)
        log.info("stream.assigned", extra={"partitions": len(places)})

    def _starts(self, consumer: Consumer, partitions: list[Partition]) -> dict[Partition, int]:
        stored = self._stored(partitions)
        starts = {}
        for partition in partitions:
            place = TopicPartition(partition.topic, partition.number)
            low, high = consumer.get_watermark_offsets(place, timeout=_BROKER_SECONDS)
            offset = stored.get(partition, low)
            if offset > high:
                raise StreamError(
                    f"Partition {partition.number} of {partition.topic} ends at {high}, but {offset} was already read: "
                    f"the topic was deleted and made anew. Nothing was overwritten. Give the connector a new "
                    f"topic.prefix, or run `cordsearch ingest forget-topic {partition.topic}`, and start again."
                )
            if offset < low:
                log.error("stream.lost", extra={"partition": str(partition), "messages": low - offset})
                self._writer.submit(self._store.record_lost, partition, low, low - offset).result()
                offset = low
            starts[partition] = offset
        return starts

    def _stored(self, partitions: list[Partition]) -> dict[Partition, int]:
        for delay in RETRY_DELAYS_SECONDS:
            try:
                return self._writer.submit(self._store.positions, partitions).result()
            except _AWAY:
                self._store.close()
                time.sleep(delay)
        return self._writer.submit(self._store.positions, partitions).result()

    def _let_go(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        if self._flight is not None:
            wait([self._flight[1]])  # so that the next owner starts after it
        gone = {Partition(place.topic, place.partition) for place in partitions}
        for partition in gone:
            self._positions.pop(partition, None)
        self._carried = [m for m in self._carried if Partition(m.topic, m.partition) not in gone]
        consumer.incremental_unassign(partitions)
        log.info("stream.let_go", extra={"partitions": len(gone)})

    def _broker_error(self, error: KafkaError) -> None:
        log.warning("stream.broker_error", extra={"error": error.str()})
        if error.code() in _HOPELESS:
            self._hopeless = error

    def _end_of(self, partition: Partition) -> int | None:
        place = TopicPartition(partition.topic, partition.number)
        _, high = self._consumer.get_watermark_offsets(place, cached=True)
        return high if high >= 0 else None

    def _note_lag(self) -> None:
        now = time.monotonic()
        if now - self._lag_noted < _LAG_SECONDS:
            return
        self._lag_noted = now
        ends = {partition: self._end_of(partition) for partition in self._positions}
        known = {partition: end for partition, end in ends.items() if end is not None}
        try:
            self._writer.submit(self._store.record_ends, known).result()
        except _AWAY:
            self._store.close()  # the next batch waits for PostgreSQL; the lag can be late


def _message(kafka: KafkaMessage) -> Message:
    return Message(kafka.topic(), kafka.partition(), kafka.offset(), kafka.key(), kafka.value(), kafka.timestamp()[1])  # type: ignore[arg-type] # a message without error has them all


_DEFAULTS: dict[str, object] = {
    "client.id": "cordsearch",
    "enable.auto.commit": False,  # PostgreSQL's offsets count, and Kafka's follow them
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",  # every start is given; a hole is to be told, not jumped over
    "isolation.level": "read_committed",
    "partition.assignment.strategy": "cooperative-sticky",  # partitions that stay are not interrupted
    "topic.metadata.refresh.interval.ms": 30_000,  # how soon a new table's topic is found
    "queued.max.messages.kbytes": 65_536,  # fetched ahead, at most
    "fetch.wait.max.ms": 100,
}
