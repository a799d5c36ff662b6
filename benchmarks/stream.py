"""How fast the stream goes: Debezium events from Kafka into bronze, with offsets, as ``run_stream`` does it.

The broker is librdkafka's own mock cluster over TCP, in a process of its own, filled before the clock starts. Two
loads (a day's mix: mostly stock; and product rows only, before and after, the largest events) in three forms (JSON
without and with schema, Avro). The rate counts from the first commit to the last, so that joining the group, which a
mock cluster delays on purpose, is left out. Broker, consumer and PostgreSQL share the machine's processors.

    python -m benchmarks.stream --events 150000
"""

import argparse
import os
import resource
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from multiprocessing import Event, Pipe, Process, get_context
from pathlib import Path
from typing import Any
from unittest.mock import patch

from psycopg import sql

from benchmarks.ingest_snapshot import server_cpu_seconds
from benchmarks.report import markdown_table, write_result
from cordsearch.database import connect, create_database
from cordsearch.embedded_postgres import EmbeddedPostgres
from cordsearch.settings import Settings

GOAL_EVENTS_PER_SECOND = 10_000
MIX = {
    "ProductAvailability": 60, "ProductReservation": 12, "ProductPricing": 10, "Product": 10,
    "ProductOriginalNumber": 4, "OriginalNumber": 2, "ProductAnalogue": 2,
}  # fmt: skip
LOADS = {"day": MIX, "product": {"Product": 100}}
FORMS = ("json", "json+schema", "avro")
REGISTRY = "mock://benchmark"


@dataclass(frozen=True)
class Run:
    """One measured run. Times are seconds."""

    load: str
    form: str
    events: int
    bytes_per_event: float
    events_per_second: float
    consumer_cpu_microseconds_per_event: float
    server_cpu_microseconds_per_event: float
    peak_memory_mib: float


def events(load: str, form: str, count: int, registry: Any) -> Iterator[tuple[str, bytes, bytes]]:
    """Yield topic, key and value; 500 different rows per table, each change a later position."""
    import fastavro  # noqa: PLC0415 - only in the process that needs it
    from confluent_kafka.schema_registry import Schema  # noqa: PLC0415

    from ingest.tables import TABLES_BY_NAME  # noqa: PLC0415
    from tests.debezium import Change, avro_message, avro_schema, plain_row, topic_of  # noqa: PLC0415

    weights = LOADS[load]
    tables = [TABLES_BY_NAME[name] for name, weight in weights.items() for _ in range(weight)]
    pools: dict[str, list[tuple[bytes, bytes]]] = {}
    for name in weights:
        table = TABLES_BY_NAME[name]
        document = avro_schema(table)
        parsed = fastavro.parse_schema(avro_schema(table))
        schema_id = registry.register_schema(f"{name}-value", Schema(str_json(document), "AVRO"))
        pool = pools[name] = []
        for key in range(1, 501):
            change = Change(table, "u", plain_row(table, key), plain_row(table, key, Deleted=False), position=key)
            if form == "avro":
                pool.append((change.key, avro_message(change, parsed, schema_id)))
            else:
                pool.append((change.key, change.with_schema() if form == "json+schema" else change.bare()))
    for number in range(count):
        table = tables[number * 37 % len(tables)]
        yield topic_of(table), *pools[table.name][number % 500]


def str_json(document: Any) -> str:
    """Return the document as JSON text."""
    import json  # noqa: PLC0415

    return json.dumps(document)


def serve_broker(load: str, form: str, count: int, pipe: Any, done: Any) -> None:
    """Be the broker: fill the topics, tell the addresses and the mean size, wait until the reader is done."""
    from confluent_kafka import Producer  # noqa: PLC0415
    from confluent_kafka.schema_registry import SchemaRegistryClient  # noqa: PLC0415

    owner = Producer({"bootstrap.servers": "made-by-librdkafka", "test.mock.num.brokers": 1, "log_level": 0})
    brokers = ",".join(f"{b.host}:{b.port}" for b in owner.list_topics(timeout=10).brokers.values())
    producer = Producer(
        {
            "bootstrap.servers": brokers, "compression.type": "zstd", "linger.ms": 50, "log_level": 0,
            "queue.buffering.max.messages": 200_000,
        }
    )  # fmt: skip
    size = 0
    for topic, key, value in events(load, form, count, SchemaRegistryClient.new_client({"url": REGISTRY})):
        size += len(value)
        while True:
            try:
                producer.produce(topic, value, key)
                break
            except BufferError:
                producer.poll(0.1)
    if producer.flush(120):
        pipe.send(None)
        return
    pipe.send((brokers, size / count))
    done.wait(600)


def measured_run(brokers: str, warehouse_url: str, load: str, form: str, count: int, size: float) -> Run:
    """Consume everything and say what it took. Runs in a process of its own."""
    from confluent_kafka.schema_registry import SchemaRegistryClient  # noqa: PLC0415

    from ingest.stream.consumer import run_stream  # noqa: PLC0415
    from ingest.stream.store import Written  # noqa: PLC0415

    registry = SchemaRegistryClient.new_client({"url": REGISTRY})
    for _ in events(load, form, 1, registry):
        pass  # the mock registry lives in the process: same schemas, same ids
    stop, marks = threading.Event(), []

    def note(written: Written) -> None:
        marks.append((time.monotonic(), time.process_time(), written.rows))
        if sum(rows for _, _, rows in marks) >= count:
            stop.set()

    settings = Settings(
        kafka_bootstrap_servers=brokers, kafka_group=f"benchmark-{load}-{form}", schema_registry_url=REGISTRY
    )
    with patch("ingest.stream.avro.SchemaRegistryClient", lambda _configuration: registry):
        run_stream(settings, warehouse_url, stop, after_batch=note)
    counted = sum(rows for _, _, rows in marks[1:])
    return Run(
        load=load,
        form=form,
        events=sum(rows for _, _, rows in marks),
        bytes_per_event=size,
        events_per_second=counted / (marks[-1][0] - marks[0][0]),
        consumer_cpu_microseconds_per_event=(marks[-1][1] - marks[0][1]) / counted * 1e6,
        server_cpu_microseconds_per_event=0.0,
        peak_memory_mib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    )


@contextmanager
def broker(load: str, form: str, count: int) -> Iterator[tuple[str, float]]:
    """Yield the addresses of a filled broker and the mean size of its messages."""
    ours, theirs = Pipe()
    done = Event()
    process = Process(target=serve_broker, args=(load, form, count, theirs, done))
    process.start()
    try:
        answer = ours.recv()
        if answer is None:
            raise RuntimeError("the mock cluster did not take the messages")
        yield answer
    finally:
        done.set()
        process.join(10)


def main() -> None:
    """Run the benchmark and write its result files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=150_000)
    parser.add_argument("--rounds", type=int, default=3, help="the fastest round counts: the machine may be shared")
    parser.add_argument("--loads", nargs="+", choices=LOADS, default=list(LOADS))
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=list(FORMS))
    arguments = parser.parse_args()
    directory = Path(tempfile.mkdtemp(prefix="cordsearch-bench-"))
    server = EmbeddedPostgres(directory / "postgres")
    runs: list[Run] = []
    rates: dict[str, list[float]] = {}
    try:
        with server.running():
            for load in arguments.loads:
                for form in arguments.forms:
                    count = arguments.events // (
                        3 if load == "product" else 1
                    )  # the mock cluster keeps 5 MB a partition
                    best = fastest(server, load, form, count, arguments.rounds, rates)
                    runs.append(best)
                    print(f"{load} {form}: {best.events_per_second:,.0f} events/s", flush=True)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    rows = [
        [
            run.load, run.form, run.events, round(run.bytes_per_event), round(run.events_per_second),
            run.consumer_cpu_microseconds_per_event, run.server_cpu_microseconds_per_event, round(run.peak_memory_mib),
        ]
        for run in runs
    ]  # fmt: skip
    header = [
        "load",
        "form",
        "events",
        "bytes/event",
        "events/s",
        "consumer µs/event",
        "server µs/event",
        "consumer MiB",
    ]
    markdown = (
        f"Best of {arguments.rounds} rounds, load average {os.getloadavg()[0]:.1f}. Goal: "
        f"{GOAL_EVENTS_PER_SECOND:,} events/s. ``day`` is "
        f"{', '.join(f'{weight} % {name}' for name, weight in MIX.items())}; ``product`` is updates of product rows, "
        f"49 columns before and after.\n\n" + markdown_table(header, rows)
    )
    figures = {"goal_events_per_second": GOAL_EVENTS_PER_SECOND, "rounds_events_per_second": rates}
    write_result("stream", {**figures, "runs": [asdict(run) for run in runs]}, markdown)


def wait_until_disconnected(server: EmbeddedPostgres, database: str) -> None:
    """Processor time counts when the process is gone."""
    with connect(server.url(), autocommit=True) as connection:
        while connection.execute("select 1 from pg_stat_activity where datname = %s", [database]).fetchone():
            time.sleep(0.1)


def fastest(
    server: EmbeddedPostgres, load: str, form: str, count: int, rounds: int, rates: dict[str, list[float]]
) -> Run:
    """Measure some rounds, each into a new database, and return the fastest."""
    found = []
    for number in range(rounds):
        name = f"stream_{load}_{form.replace('+', '_')}_{number}"
        create_database(server.url(), name)
        with (
            broker(load, form, count) as (brokers, size),
            ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool,
        ):
            before = server_cpu_seconds(server)
            run = pool.submit(measured_run, brokers, server.url(name), load, form, count, size).result()
        wait_until_disconnected(server, name)
        server_cpu = server_cpu_seconds(server) - before
        found.append(replace(run, server_cpu_microseconds_per_event=server_cpu / run.events * 1e6))
        with connect(server.url(), autocommit=True) as connection:
            connection.execute(sql.SQL("drop database {}").format(sql.Identifier(name)))
        rates.setdefault(f"{load} {form}", []).append(found[-1].events_per_second)
    return max(found, key=lambda run: run.events_per_second)


if __name__ == "__main__":
    main()
