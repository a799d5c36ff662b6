"""The connectors: what they capture, that no secret is in them, and how they talk to Kafka Connect."""

import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, ClassVar

import pytest

from cordsearch.errors import SettingsError
from ingest.stream import connectors
from ingest.stream.connectors import ConnectorError, connector_definitions, delete, register, status
from ingest.stream.decode import SIGNAL_TABLE
from ingest.tables import TABLES


def test_each_table_is_captured_once() -> None:
    product, ecosystem = connector_definitions()
    assert [table.name for table in product.tables] == ["Product"]
    assert len(ecosystem.tables) == len(TABLES) - 1
    for definition in (product, ecosystem):
        patterns = definition.configuration["table.include.list"].split(",")
        assert len(patterns) == len(definition.tables) + 1
        captured = {table.name for table in TABLES if any(re.fullmatch(p, f"dbo.{table.name}") for p in patterns)}
        assert captured == {table.name for table in definition.tables}
        assert any(re.fullmatch(pattern, f"dbo.{SIGNAL_TABLE}") for pattern in patterns)


def test_settings_are_unique_explained_and_hold_no_secret() -> None:
    prefixes = set()
    for definition in (*connector_definitions(), *connector_definitions("http://registry:8081")):
        names = [setting.name for setting in definition.settings]
        assert len(names) == len(set(names))
        assert all(setting.reason for setting in definition.settings)
        for name in ("hostname", "user", "password"):
            assert re.fullmatch(r"\$\{env:CORDSEARCH_CDC_[A-Z_]+\}", definition.configuration[f"database.{name}"])
        configuration = definition.configuration
        assert (configuration["time.precision.mode"], configuration["decimal.handling.mode"]) == ("adaptive", "string")
        assert not configuration["schema.history.internal.kafka.topic"].startswith("cord.")
        prefixes.add(configuration["topic.prefix"])
    assert prefixes == {"cord.product", "cord.ecosystem"}


def test_rows_come_from_the_connector_or_from_the_direct_loader() -> None:
    first, without = connector_definitions()[0], connector_definitions(snapshot=False)[0]
    changed = {name: value for name, value in without.configuration.items() if first.configuration[name] != value}
    assert (first.configuration["snapshot.mode"], changed) == ("initial", {"snapshot.mode": "no_data"})


def test_the_registry_decides_the_converter() -> None:
    assert connector_definitions()[0].configuration["value.converter.schemas.enable"] == "true"
    assert "Avro" in connector_definitions("http://registry:8081")[0].configuration["value.converter"]


class Connect(BaseHTTPRequestHandler):
    """Kafka Connect's answers, as https://docs.confluent.io/platform/current/connect/references/restapi.html."""

    stored: ClassVar[dict[str, dict[str, str]]] = {}
    conflicts = 0

    def do_PUT(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if Connect.conflicts:
            Connect.conflicts -= 1
            return self.answer(409, {"error_code": 409, "message": "rebalancing"})
        if body.get("tasks.max") != "1":
            return self.answer(400, {"error_code": 400, "message": "Connector configuration is invalid: tasks.max"})
        created = self.name not in Connect.stored
        Connect.stored[self.name] = body
        return self.answer(201 if created else 200, {"name": self.name, "config": body, "tasks": []})

    def do_GET(self) -> None:
        if self.name not in Connect.stored:
            return self.answer(404, {"error_code": 404, "message": "No status found"})
        failed = self.name.endswith("ecosystem")
        task = {"id": 0, "state": "FAILED" if failed else "RUNNING", "worker_id": "connect:8083"}
        task |= {"trace": "ConnectException: CDC is not enabled\n\tat x"} if failed else {}
        return self.answer(200, {"name": self.name, "connector": {"state": "RUNNING"}, "tasks": [task]})

    def do_DELETE(self) -> None:
        if Connect.stored.pop(self.name, None) is None:
            return self.answer(404, {"error_code": 404, "message": "Connector not found"})
        return self.answer(204, None)

    @property
    def name(self) -> str:
        return self.path.split("/")[2]

    def answer(self, code: int, body: Any) -> None:
        content = b"" if body is None else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture
def connect_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    monkeypatch.setattr(connectors, "_REBALANCE_DELAYS_SECONDS", (0.0, 0.0))
    Connect.stored, Connect.conflicts = {}, 0
    with ThreadingHTTPServer(("127.0.0.1", 0), Connect) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_register_status_delete(connect_url: str) -> None:
    definitions = connector_definitions()
    assert [one.state for one in status(connect_url, definitions)] == ["MISSING", "MISSING"]
    Connect.conflicts = 1
    for _ in range(2):  # the second brings nothing new
        product, ecosystem = register(connect_url, definitions)
    assert product.healthy
    assert not ecosystem.healthy
    assert ecosystem.failure == "ConnectException: CDC is not enabled"
    assert Connect.stored == {one.name: one.configuration for one in definitions}
    assert delete(connect_url, definitions) == ["cord-product", "cord-ecosystem"]
    assert delete(connect_url, definitions) == []


def test_refusals_are_told(connect_url: str) -> None:
    (definition, _) = connector_definitions()
    bad = connectors.ConnectorDefinition("cord-bad", (), definition.settings[:1])
    with pytest.raises(ConnectorError, match="configuration is invalid"):
        register(connect_url, [bad])
    Connect.conflicts = 99
    with pytest.raises(ConnectorError, match="rebalancing"):
        register(connect_url, [definition])
    with pytest.raises(SettingsError, match="CORDSEARCH_CONNECT_URL"):
        status(None, [definition])
    with pytest.raises(ConnectorError, match=r"cannot be reached at 127\.0\.0\.1:1"):
        status("http://127.0.0.1:1", [definition])
