"""docker-compose.yml keeps to its rules, and each rule is shown to catch a broken copy."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from cordsearch.database import DEMO_SOURCE_DATABASE
from tests.contract.deploy import compose_checks as checks
from tests.contract.deploy.compose_checks import ROOT, Compose, read_compose

Check = Callable[[Compose], list[str]]
CHECKS: list[Check] = [
    checks.against_the_schema, checks.images, checks.profiles, checks.health, checks.memory, checks.ports,
    checks.dependencies, checks.mounts, checks.secrets, checks.connect_environment, checks.topics, checks.addresses,
]  # fmt: skip


@pytest.fixture(scope="module")
def compose() -> Compose:
    return read_compose()


@pytest.mark.parametrize("check", CHECKS)
def test_the_file_keeps_to_the_rule(check: Check, compose: Compose) -> None:
    assert check(compose) == []


def test_every_variable_is_explained_and_every_explained_name_is_used(compose: Compose) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert checks.variables(compose, example) == []
    assert checks.variables(compose, example.replace("#CORDSEARCH_GRAFANA_PASSWORD=", "#X_")) != []
    assert checks.variables(compose, example + "#CORDSEARCH_FORGOTTEN=1\n") != []


def test_every_password_of_the_example_is_a_placeholder() -> None:
    for line in (ROOT / ".env.example").read_text(encoding="utf-8").splitlines():
        name, _, value = line.lstrip("#").partition("=")
        if name.endswith(("_PASSWORD", "_USER")):
            assert value.startswith("<"), line


def set_value(path: str, value: Any) -> Callable[[Compose], None]:
    def change(compose: Compose) -> None:
        *parents, last = path.split("/")
        for part in parents:
            compose = compose[part]
        compose[last] = value

    return change


def remove(path: str) -> Callable[[Compose], None]:
    def change(compose: Compose) -> None:
        *parents, last = path.split("/")
        for part in parents:
            compose = compose[part]
        del compose[last]

    return change


S = "services"
ALLOW_LIST = "CONNECT_CONFIG_PROVIDERS_ENV_PARAM_ALLOWLIST_PATTERN"
CONNECT = f"{S}/connect/environment"
BROKEN: list[tuple[Check, Callable[[Compose], None]]] = [
    (checks.against_the_schema, set_value(f"{S}/service/prots", ["8000:8000"])),
    (checks.against_the_schema, set_value(f"{S}/service/healthcheck/interval", 5)),
    (checks.against_the_schema, set_value(f"{S}/connect/depends_on/kafka/condition", "service_ready")),
    (checks.images, set_value(f"{S}/kafka/image", "apache/kafka:latest")),
    (checks.images, set_value(f"{S}/kafka/image", "apache/kafka")),
    (checks.images, set_value(f"{S}/grafana/image", "grafana/grafana:13")),
    (checks.images, set_value(f"{S}/sqlserver/image", "mcr.microsoft.com/mssql/server:2022-latest")),
    (checks.images, remove(f"{S}/worker/image")),
    (checks.profiles, remove(f"{S}/kafka/profiles")),
    (checks.profiles, set_value(f"{S}/worker/profiles", ["stream"])),
    (checks.profiles, remove(f"{S}/grafana")),
    (checks.health, remove(f"{S}/prometheus/healthcheck")),
    (checks.health, remove(f"{S}/worker/healthcheck")),
    (checks.health, remove(f"{S}/kafka/restart")),
    (checks.health, set_value(f"{S}/connect/healthcheck/test", ["CMD-SHELL", "curl -f http://127.0.0.1:8083/"])),
    (checks.health, set_value(f"{S}/warehouse/healthcheck/test", "NONE")),
    (checks.memory, remove(f"{S}/sqlserver/mem_limit")),
    (checks.memory, set_value(f"{S}/kafka/environment/KAFKA_HEAP_OPTS", "-Xmx2g")),
    (checks.ports, set_value(f"{S}/service/ports", ["8000:8000"])),
    (checks.ports, set_value(f"{S}/service/ports", ["0.0.0.0:8000:8000"])),
    (checks.ports, set_value(f"{S}/grafana/ports", ["127.0.0.1:9090:3000"])),
    (checks.dependencies, set_value(f"{S}/service/depends_on", {"postgres": {"condition": "service_healthy"}})),
    (checks.dependencies, remove(f"{S}/kafka/healthcheck")),
    (checks.dependencies, set_value(f"{S}/connectors/depends_on/connect/condition", "service_completed_successfully")),
    (checks.dependencies, set_value(f"{S}/service/depends_on/warehouse/condition", "service_started")),
    (checks.dependencies, remove(f"{S}/connectors/depends_on/source-setup/required")),
    (checks.mounts, set_value(f"{S}/prometheus/volumes", ["./deploy/no.yml:/etc/prometheus/prometheus.yml:ro"])),
    (checks.mounts, set_value(f"{S}/prometheus/volumes", ["./deploy/prometheus:/etc/prometheus"])),
    (checks.mounts, set_value(f"{S}/kafka/volumes", ["queue:/var/lib/kafka/data"])),
    (checks.mounts, remove("volumes/grafana")),
    (checks.mounts, set_value(f"{S}/connect/build", "deploy/connect")),
    (checks.secrets, set_value(f"{S}/warehouse/environment/POSTGRES_PASSWORD", "hunter2")),
    (checks.secrets, set_value(f"{S}/warehouse/environment/POSTGRES_PASSWORD", "${CORDSEARCH_WAREHOUSE_PASSWORD:-x}")),
    (checks.secrets, set_value(f"{S}/grafana/environment/GF_SECURITY_ADMIN_PASSWORD", "${CORD_PASSWORD}")),
    (checks.secrets, set_value(f"{S}/worker/environment/DATABASE_URL", "postgresql://cord:hunter2@warehouse/cord")),
    (checks.connect_environment, remove(f"{CONNECT}/CORDSEARCH_CDC_ECOSYSTEM_PORT")),
    (checks.connect_environment, set_value(f"{CONNECT}/CONNECT_CONFIG_PROVIDERS", "file")),
    (checks.connect_environment, set_value(f"{CONNECT}/{ALLOW_LIST}", "CORDSEARCH_CDC_.*")),
    (checks.connect_environment, remove(f"{CONNECT}/{ALLOW_LIST}")),
    (checks.connect_environment, remove(f"{CONNECT}/CONNECT_CONNECTOR_CLIENT_CONFIG_OVERRIDE_POLICY")),
    (checks.topics, set_value(f"{CONNECT}/CONNECT_OFFSET_STORAGE_TOPIC", "cord.offsets")),
    (checks.topics, set_value(f"{CONNECT}/CONNECT_STATUS_STORAGE_REPLICATION_FACTOR", 3)),
    (checks.topics, set_value(f"{S}/kafka/environment/KAFKA_ZOOKEEPER_CONNECT", "zookeeper:2181")),
    (checks.topics, remove(f"{S}/kafka/environment/KAFKA_AUTO_CREATE_TOPICS_ENABLE")),
    (checks.addresses, set_value(f"{S}/connectors/environment/CORDSEARCH_CONNECT_URL", "http://kafka-connect:8083")),
    (checks.addresses, set_value(f"{CONNECT}/CONNECT_BOOTSTRAP_SERVERS", "broker:9092")),
]  # fmt: skip


@pytest.mark.parametrize(("check", "break_it"), BROKEN)
def test_a_broken_file_is_caught(check: Check, break_it: Callable[[Compose], None], compose: Compose) -> None:
    broken = copy.deepcopy(compose)
    break_it(broken)
    assert check(broken) != []


def test_every_rule_was_broken_once() -> None:
    assert {check for check, _ in BROKEN} == set(CHECKS)


def test_an_anchor_that_is_not_defined_is_caught(tmp_path: Path) -> None:
    broken = (ROOT / "docker-compose.yml").read_text(encoding="utf-8").replace("&stream", "&streams")
    (tmp_path / "docker-compose.yml").write_text(broken, encoding="utf-8")
    with pytest.raises(yaml.YAMLError, match="stream"):
        read_compose(tmp_path / "docker-compose.yml")


def test_all_containers_of_the_project_run_one_image_and_share_the_encoder(compose: Compose) -> None:
    project = {name: one for name, one in compose["services"].items() if one["image"].startswith("cordsearch:")}
    assert set(project) == {"service", "worker", "connectors", "source-scripts"}
    assert len({one["image"] for one in project.values()}) == 1
    for name in ("service", "worker"):
        assert "data:/home/cordsearch/data" in project[name]["volumes"]


def test_a_worker_alone_does_not_wait_for_kafka(compose: Compose) -> None:
    worker = compose["services"]["worker"]
    assert worker["environment"]["CORDSEARCH_WORKER_STREAM_SOURCES"] == "${CORDSEARCH_WORKER_STREAM_SOURCES:-none}"
    required = {name for name, wait in worker["depends_on"].items() if wait.get("required", True)}
    assert required == {"warehouse"}


def test_the_worker_follows_the_demo_source_until_it_has_another(compose: Compose) -> None:
    environment = compose["services"]["worker"]["environment"]
    demo = f"postgresql://warehouse:5432/{DEMO_SOURCE_DATABASE}"
    for name in ("CORDSEARCH_SOURCE_PRODUCT_URL", "CORDSEARCH_SOURCE_ECOSYSTEM_URL"):
        assert environment[name] == f"${{{name}:-{demo}}}"


def test_other_settings_reach_the_containers_from_a_file_that_is_nowhere_committed(compose: Compose) -> None:
    for name in ("service", "worker", "connectors"):
        (file,) = compose["services"][name]["env_file"]
        assert file == {"path": "settings.env", "required": False}
    for ignoring in (".gitignore", ".dockerignore"):
        assert "settings.env" in (ROOT / ignoring).read_text(encoding="utf-8").splitlines()
