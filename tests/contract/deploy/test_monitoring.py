"""Prometheus scrapes what exists; dashboard and rules ask for documented metrics only. Broken copies are caught."""

import copy
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
import yaml

from tests.contract.deploy import monitoring_checks as checks
from tests.contract.deploy.compose_checks import ROOT, read_compose
from tests.contract.deploy.monitoring_checks import Document

GRAFANA = ROOT / "deploy" / "grafana"
TELEMETRY = (ROOT / "docs" / "telemetry.md").read_text(encoding="utf-8")


def read_yaml(path: str) -> Document:
    found: Document = yaml.safe_load((ROOT / "deploy" / path).read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def known() -> dict[str, frozenset[str]]:
    return checks.documented_metrics(TELEMETRY)


@pytest.fixture
def sources() -> Document:
    return read_yaml("grafana/provisioning/datasources/prometheus.yml")


@pytest.fixture
def dashboard() -> Document:
    found: Document = json.loads((GRAFANA / "dashboards" / "cordsearch.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture
def alerting() -> Document:
    return read_yaml("grafana/provisioning/alerting/cordsearch.yml")


def test_the_documentation_was_read_whole(known: dict[str, frozenset[str]]) -> None:
    names = {re.sub(r"_(bucket|count|sum)$", "", name) for name in known} - {"up"}
    assert names == set(re.findall(r"^\| `(cordsearch_\w+)`", TELEMETRY, flags=re.MULTILINE))
    assert known["cordsearch_http_request_duration_seconds_bucket"] >= {"route", "status", "le"}


def test_prometheus_scrapes_the_service() -> None:
    config = read_yaml("prometheus/prometheus.yml")
    jobs = {job["job_name"]: job for job in config["scrape_configs"]}
    assert set(jobs) == {"cordsearch", "prometheus"}
    assert jobs["cordsearch"]["metrics_path"] == "/metrics"
    (target,) = jobs["cordsearch"]["static_configs"][0]["targets"]
    host, _, port = target.partition(":")
    services = read_compose()["services"]
    assert any(published.endswith(f":{port}") for published in services[host]["ports"])
    for job in jobs.values():
        interval = job.get("scrape_interval", config["global"]["scrape_interval"])
        assert int(job.get("scrape_timeout", "10s")[:-1]) <= int(interval[:-1])


def test_the_containers_find_what_is_provisioned(sources: Document) -> None:
    services = read_compose()["services"]
    mounts = dict(mount.split(":")[:2] for mount in services["grafana"]["volumes"] + services["prometheus"]["volumes"])
    assert mounts["./deploy/grafana/provisioning"] == "/etc/grafana/provisioning"
    (provider,) = read_yaml("grafana/provisioning/dashboards/cordsearch.yml")["providers"]
    assert provider["options"]["path"] == mounts["./deploy/grafana/dashboards"]
    home = services["grafana"]["environment"]["GF_DASHBOARDS_DEFAULT_HOME_DASHBOARD_PATH"]
    assert (GRAFANA / "dashboards" / home.removeprefix(f"{provider['options']['path']}/")).is_file()
    assert f"--config.file={mounts['./deploy/prometheus/prometheus.yml']}" in services["prometheus"]["command"]
    (source,) = sources["datasources"]
    assert source["url"] == "http://prometheus:9090"
    assert {path.parent.name for path in GRAFANA.glob("provisioning/*/*.yml")} == {
        "datasources", "dashboards", "alerting",
    }  # fmt: skip


def test_the_dashboard(dashboard: Document, sources: Document, known: dict[str, frozenset[str]]) -> None:
    assert checks.dashboard_problems(dashboard, sources, known) == []


def test_the_alert_rules(alerting: Document, sources: Document, known: dict[str, frozenset[str]]) -> None:
    assert checks.alert_problems(alerting, sources, known) == []


# What somebody who runs this must see, and be told of: a metric that has to be in some panel, or in some rule.
SHOWN = {
    "histogram_quantile(0.5, ", "histogram_quantile(0.95, ", "histogram_quantile(0.99, ", 'status=~"[45].."',
    "cordsearch_table_look_age_seconds", "cordsearch_table_newest_change_age_seconds", "cordsearch_table_rows_behind",
    "cordsearch_commit_to_searchable_seconds", "cordsearch_dead_letters", "cordsearch_worker_jobs",
    "cordsearch_products_waiting",
}  # fmt: skip
TOLD = {
    "up{", "cordsearch_table_stale", "cordsearch_search_stale", "cordsearch_freshness_observed_age_seconds",
    "cordsearch_dead_letters", "cordsearch_stream_lost_messages", "deriv(sum(cordsearch_table_rows_behind)",
    "cordsearch_worker_duty_failures", "histogram_quantile(0.99, ",
}  # fmt: skip


@pytest.mark.parametrize("part", sorted(SHOWN))
def test_the_dashboard_shows(part: str, dashboard: Document) -> None:
    queries = [target["expr"] for panel in checks.panels(dashboard) for target in panel.get("targets", [])]
    assert any(part in query for query in queries)


@pytest.mark.parametrize("part", sorted(TOLD))
def test_an_alert_tells_of(part: str, alerting: Document) -> None:
    assert any(part in rule["data"][0]["model"]["expr"] for rule in checks.rules(alerting))


def test_the_promised_ceiling_is_the_limit(alerting: Document) -> None:
    (rule,) = [rule for rule in checks.rules(alerting) if rule["uid"] == "cordsearch-latency"]
    assert rule["data"][1]["model"]["conditions"][0]["evaluator"] == {"type": "gt", "params": [0.098]}


def first_query(dashboard: Document) -> Document:
    found: Document = next(panel for panel in checks.panels(dashboard) if panel.get("targets"))
    return found


BROKEN_DASHBOARDS: dict[str, Callable[[Document], Any]] = {
    "a metric nobody has": lambda d: first_query(d)["targets"][0].update(expr="cordsearch_speed"),
    "a label nobody has": lambda d: first_query(d)["targets"][0].update(expr='up{shop="a"}'),
    "kept by nobody": lambda d: first_query(d)["targets"][0].update(expr="sum by (shop) (up)"),
    "no PromQL": lambda d: first_query(d)["targets"][0].update(expr="sum(up"),
    "no metric at all": lambda d: first_query(d)["targets"][0].update(expr="1 + 1"),
    "another data source": lambda d: first_query(d)["datasource"].update(uid="other"),
    "no target": lambda d: first_query(d).update(targets=[]),
    "no description": lambda d: first_query(d).pop("description"),
    "ids repeat": lambda d: d["panels"][1].update(id=d["panels"][2]["id"]),
    "panels overlap": lambda d: d["panels"][2]["gridPos"].update(d["panels"][1]["gridPos"]),
    "outside the grid": lambda d: d["panels"][1]["gridPos"].update(x=23),
    "a legend of nothing": lambda d: first_query(d)["targets"][0].update(expr="sum(up)", legendFormat="{{route}}"),
}
BROKEN_RULES: dict[str, Callable[[Document], Any]] = {
    "a metric nobody has": lambda r: r["data"][0]["model"].update(expr="max(cordsearch_speed)"),
    "another data source": lambda r: r["data"][0].update(datasourceUid="other"),
    "a range": lambda r: r["data"][0]["model"].update(instant=False),
    "a condition that is not there": lambda r: r.update(condition="C"),
    "a threshold of nothing": lambda r: r["data"][1]["model"].update(expression="B"),
    "no threshold": lambda r: r["data"][1]["model"].update(type="math"),
    "another refId": lambda r: r["data"][1]["model"].update(refId="B"),
    "a uid twice": lambda r: r.update(uid="cordsearch-latency"),
    "a uid that is none": lambda r: r.update(uid="the service is down"),
    "a wait without unit": lambda r: r.update({"for": "60"}),
    "no severity": lambda r: r.pop("labels"),
    "no word on missing data": lambda r: r.update(noDataState="Fine"),
    "nothing to do": lambda r: r["annotations"].pop("description"),
    "a dollar sign": lambda r: r["annotations"].update(summary="{{ $labels.table }} is old"),
}


@pytest.mark.parametrize("name", BROKEN_DASHBOARDS)
def test_a_broken_dashboard_is_caught(
    name: str, dashboard: Document, sources: Document, known: dict[str, frozenset[str]]
) -> None:
    broken = copy.deepcopy(dashboard)
    BROKEN_DASHBOARDS[name](broken)
    assert checks.dashboard_problems(broken, sources, known) != []


@pytest.mark.parametrize("name", BROKEN_RULES)
def test_a_broken_rule_is_caught(
    name: str, alerting: Document, sources: Document, known: dict[str, frozenset[str]]
) -> None:
    broken = copy.deepcopy(alerting)
    BROKEN_RULES[name](checks.rules(broken)[0])
    assert checks.alert_problems(broken, sources, known) != []
