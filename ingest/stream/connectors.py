"""Stage: SOURCE -> KAFKA. Describes the two Debezium connectors and registers them with Kafka Connect.

Reads the table registry; writes to the REST API of Kafka Connect. One connector per source database, as for the
direct loader: ``product`` (dbo.Product) and ``ecosystem`` (the other tables). Host, user and password never leave the
Connect worker: they are written as ``${env:NAME}`` and filled in there by its EnvVarConfigProvider, so the worker
needs ``config.providers=env`` (https://kafka.apache.org/documentation/#config_providers).

Property names: https://debezium.io/documentation/reference/stable/connectors/sqlserver.html#sqlserver-connector-properties
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, cast

import httpx

from cordsearch.errors import CordSearchError, SettingsError
from ingest.sources import PRODUCT_TABLE, SOURCE_NAMES
from ingest.stream.decode import SIGNAL_TABLE
from ingest.tables import TABLES, SourceTable

TOPIC_PREFIX = "cord"
LARGEST_MESSAGE_BYTES = 10 * 1024 * 1024
_REQUEST_SECONDS = 30
_REBALANCE_DELAYS_SECONDS = (1.0, 2.0, 4.0)


class ConnectorError(CordSearchError):
    """Kafka Connect cannot be reached, or refuses what it was asked."""


class Setting(NamedTuple):
    """One property of a connector and why it has this value."""

    name: str
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class ConnectorDefinition:
    """One connector: its name in Kafka Connect and all its properties."""

    name: str
    tables: tuple[SourceTable, ...]
    settings: tuple[Setting, ...]

    @property
    def configuration(self) -> dict[str, str]:
        """The properties as Kafka Connect takes them."""
        return {setting.name: setting.value for setting in self.settings}


@dataclass(frozen=True, slots=True)
class ConnectorStatus:
    """What Kafka Connect says of one connector: RUNNING, PAUSED, FAILED, UNASSIGNED or, from us, MISSING."""

    name: str
    state: str
    tasks: tuple[str, ...] = ()
    failure: str | None = None

    @property
    def healthy(self) -> bool:
        """True when the connector and at least one task run."""
        return self.state == "RUNNING" and bool(self.tasks) and set(self.tasks) == {"RUNNING"}


def connector_definitions(
    schema_registry_url: str | None = None, *, snapshot: bool = True
) -> tuple[ConnectorDefinition, ...]:
    """Return the connectors of both sources.

    With a Schema Registry (its URL as the Connect worker sees it) values are Avro, else JSON that carries its schema.
    Without ``snapshot`` they tell only what changes after they began; the rows come from the direct loader.
    """
    return tuple(_definition(source, schema_registry_url, snapshot=snapshot) for source in SOURCE_NAMES)


def _definition(source: str, schema_registry_url: str | None, *, snapshot: bool) -> ConnectorDefinition:
    tables = tuple(table for table in TABLES if (table.name == PRODUCT_TABLE) == (source == "product"))
    settings = (
        *_identity(source),
        *_captured(source, tables),
        *_VALUES,
        _ROWS_FIRST if snapshot else _CHANGES_ONLY,
        *_SNAPSHOT,
        *_STREAMING,
        *_converters(schema_registry_url),
        *_TOPICS,
    )
    return ConnectorDefinition(f"{TOPIC_PREFIX}-{source}", tables, settings)


def _identity(source: str) -> Iterable[Setting]:
    prefix = f"{TOPIC_PREFIX}.{source}"
    hidden = "kept in the environment of the Connect worker, out of its REST API and its topics"
    yield Setting("connector.class", "io.debezium.connector.sqlserver.SqlServerConnector", "SQL Server CDC")
    yield Setting("tasks.max", "1", "one database is read by one task, which keeps the order of its log")
    yield Setting("topic.prefix", prefix, "the consumer reads cord.*; never change it, offsets and history hang on it")
    for name, variable in (("hostname", "HOST"), ("port", "PORT"), ("user", "USER"), ("password", "PASSWORD")):
        yield Setting(f"database.{name}", _environment(source, variable), hidden)
    yield Setting("database.names", _environment(source, "DATABASE"), hidden)
    yield Setting("driver.encrypt", "true", "changes and passwords do not cross the network in the clear")
    yield Setting(
        "driver.trustServerCertificate", _environment(source, "TRUST_CERTIFICATE"),
        "false in production; true only for a test server with a self-signed certificate",
    )  # fmt: skip
    yield Setting(
        "schema.history.internal.kafka.topic", f"schema-history.{prefix}",
        "outside cord.*, so that the consumer does not read it",
    )  # fmt: skip
    yield Setting(
        "schema.history.internal.kafka.bootstrap.servers", "${env:CORDSEARCH_KAFKA_BOOTSTRAP_SERVERS}",
        "the same cluster as the topics",
    )  # fmt: skip
    yield Setting(
        "schema.history.internal.store.only.captured.tables.ddl", "true",
        "the source database has hundreds of other tables; their history would slow every restart",
    )  # fmt: skip


def _environment(source: str, variable: str) -> str:
    return f"${{env:CORDSEARCH_CDC_{source.upper()}_{variable}}}"


def _captured(source: str, tables: Iterable[SourceTable]) -> Iterable[Setting]:
    names = [f"{table.schema}[.]{table.name}" for table in tables]
    yield Setting(
        "table.include.list", ",".join([*names, f"dbo[.]{SIGNAL_TABLE}"]),
        "exactly the registry (anchored regular expressions) and the signal table; every column, so that a new one "
        "reaches bronze",
    )  # fmt: skip
    yield Setting("signal.enabled.channels", "source", "a signal takes its place in the log, in order with the changes")
    yield Setting(
        "signal.data.collection", f"{_environment(source, 'DATABASE')}.dbo.{SIGNAL_TABLE}",
        "insert a row to snapshot a table again while changes go on (incremental snapshot)",
    )  # fmt: skip
    yield Setting(
        "incremental.snapshot.watermarking.strategy", "insert_delete", "the signal table does not grow by a snapshot"
    )


_VALUES = (
    Setting(
        "time.precision.mode", "adaptive",
        "datetime2(7) arrives as nanoseconds, without loss; connect would cut to milliseconds, and the converter of "
        "this connector writes milliseconds under isostring and microseconds, whatever the schema says",
    ),
    Setting(
        "decimal.handling.mode", "string",
        "money and decimal keep every digit and can be read in the topic; double would round, precise is bytes",
    ),
    Setting("binary.handling.mode", "bytes", "varbinary says what it is; base64 text could not be told from hex"),
    Setting(
        "event.converting.failure.handling.mode", "fail",
        "the default writes null for a value that cannot be converted: a wrong catalogue without a trace",
    ),
    Setting("event.processing.failure.handling.mode", "fail", "an event is never skipped in silence"),
    Setting("skipped.operations", "none", "every operation is wanted"),
    Setting("tombstones.on.delete", "true", "compaction may drop deleted keys; the consumer passes over them"),
    Setting("provide.transaction.metadata", "false", "rows are ordered by log position; boundaries are not needed"),
    Setting("include.schema.changes", "false", "the history topic has them; the consumer needs none"),
)  # fmt: skip
_ROWS_FIRST = Setting(
    "snapshot.mode", "initial",
    "once. A log position that was cleaned away stops the connector: a new snapshot in silence would miss deletes",
)  # fmt: skip
_CHANGES_ONLY = Setting("snapshot.mode", "no_data", "the direct loader brings the rows, many times faster")
_SNAPSHOT = (
    Setting(
        "snapshot.isolation.mode", "snapshot",
        "snapshot and log are one history, and writers are not blocked; needs ALLOW_SNAPSHOT_ISOLATION on the source",
    ),
    Setting("snapshot.fetch.size", "2000", "rows held by the worker at a time"),
)  # fmt: skip
_STREAMING = (
    Setting("poll.interval.ms", "250", "a quarter second of the freshness budget; the log is asked that often"),
    Setting(
        "heartbeat.interval.ms", "10000",
        "offsets move while the captured tables rest, so a restart does not read the log from long ago; and a "
        "connector that has stopped shows, because freshness trusts its topics no further than its newest heartbeat",
    ),
    Setting("max.queue.size", "8192", "bounds the worker's memory in rows"),
    Setting("max.queue.size.in.bytes", str(64 * 1024 * 1024), "and in bytes, for rows with long texts"),
    Setting(
        "producer.override.max.request.size", str(LARGEST_MESSAGE_BYTES),
        "a row with nvarchar(max) columns can pass the default of 1 MB (and on the source, max text repl size must "
        "be -1, or SQL Server refuses texts over 64 kB in captured tables)",
    ),
    Setting("producer.override.compression.type", "zstd", "events of one table repeat each other"),
    Setting("producer.override.acks", "all", "a change that was read is in Kafka for good"),
    Setting("producer.override.enable.idempotence", "true", "a retried send keeps order and doubles nothing"),
)  # fmt: skip
_TOPICS = (
    Setting("topic.creation.default.partitions", "4", "rows of one key stay in order in one of them"),
    Setting("topic.creation.default.replication.factor", "-1", "what the cluster's operator set as default"),
    Setting("topic.creation.default.cleanup.policy", "delete", "bronze keeps the history, Kafka the last days"),
    Setting("topic.creation.default.retention.ms", str(7 * 86_400_000), "the consumer may be down for a week"),
    Setting("topic.creation.default.max.message.bytes", str(LARGEST_MESSAGE_BYTES), "as the producer's limit"),
)


def _converters(schema_registry_url: str | None) -> Iterable[Setting]:
    json_converter = "org.apache.kafka.connect.json.JsonConverter"
    yield Setting("key.converter", json_converter, "a key is one number; a person can read it")
    yield Setting("key.converter.schemas.enable", "false", "see above")
    if schema_registry_url is None:
        yield Setting("value.converter", json_converter, "no Schema Registry is configured")
        yield Setting("value.converter.schemas.enable", "true", "the message says how each value is encoded")
        return
    yield Setting("value.converter", "io.confluent.connect.avro.AvroConverter", "a sixth of JSON's size, types kept")
    yield Setting("value.converter.schema.registry.url", schema_registry_url, "where the schemas are")
    yield Setting("schema.name.adjustment.mode", "avro", "topic names may hold characters that Avro names may not")


def register(connect_url: str | None, definitions: Iterable[ConnectorDefinition]) -> list[ConnectorStatus]:
    """Create the connectors, or bring them to their definition; safe to run again. Return their status.

    Raises SettingsError: no URL. ConnectorError: Connect is unreachable or refuses a definition, with its reason.
    """
    with _client(connect_url) as client:
        found = []
        for definition in definitions:
            _ask(client, "PUT", f"/connectors/{definition.name}/config", json=definition.configuration)
            found.append(_status(client, definition.name))
        return found


def status(connect_url: str | None, definitions: Iterable[ConnectorDefinition]) -> list[ConnectorStatus]:
    """Return the status of each connector; MISSING when it is not registered. Raises as :func:`register`."""
    with _client(connect_url) as client:
        return [_status(client, definition.name) for definition in definitions]


def delete(connect_url: str | None, definitions: Iterable[ConnectorDefinition]) -> list[str]:
    """Delete the connectors and return the names of those that were there; topics and offsets stay.

    Raises as :func:`register`.
    """
    with _client(connect_url) as client:
        return [
            definition.name
            for definition in definitions
            if _ask(client, "DELETE", f"/connectors/{definition.name}") is not None
        ]


def _client(connect_url: str | None) -> httpx.Client:
    if not connect_url:
        raise SettingsError("CORDSEARCH_CONNECT_URL is not set. Give the REST API of Kafka Connect, http://host:8083.")
    return httpx.Client(base_url=connect_url, timeout=_REQUEST_SECONDS)


def _status(client: httpx.Client, name: str) -> ConnectorStatus:
    found = _ask(client, "GET", f"/connectors/{name}/status")
    if found is None:
        return ConnectorStatus(name, "MISSING")
    tasks = found.get("tasks", [])
    traces = [part.get("trace") for part in (found["connector"], *tasks)]
    failure = next((trace.partition("\n")[0] for trace in traces if trace), None)
    return ConnectorStatus(name, found["connector"]["state"], tuple(task["state"] for task in tasks), failure)


def _ask(client: httpx.Client, method: str, path: str, json: dict[str, str] | None = None) -> dict[str, Any] | None:
    """Return the answer, empty for none; None when there is no such connector (404)."""
    for delay in (*_REBALANCE_DELAYS_SECONDS, None):
        try:
            answer = client.request(method, path, json=json)
        except httpx.HTTPError as error:
            raise ConnectorError(
                f"Kafka Connect cannot be reached at {client.base_url.host}:{client.base_url.port} "
                f"({type(error).__name__}: {error}). Check CORDSEARCH_CONNECT_URL and that the worker runs."
            ) from error
        if answer.status_code != httpx.codes.CONFLICT or delay is None:  # 409: the workers are rebalancing
            break
        time.sleep(delay)
    if answer.status_code == httpx.codes.NOT_FOUND and method != "PUT":
        return None
    if answer.is_error:
        raise ConnectorError(
            f"Kafka Connect refused {method} {path} with {answer.status_code}: {answer.text[:1_000]}. "
            f"Nothing was changed by this request; put the cause right and run the same command again."
        )
    return cast("dict[str, Any]", answer.json()) if answer.content else {}
