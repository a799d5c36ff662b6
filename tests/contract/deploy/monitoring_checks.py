"""What Prometheus, the dashboard and the alert rules must keep to. Checks return what is wrong, as sentences.

PromQL is parsed by promql-parser; metrics and labels are compared with docs/telemetry.md, which a test of its own
compares with what the service answers.
"""

import re
from typing import Any

import promql_parser

_ROW = re.compile(r"^\| `(\w+)` \| (\w+) \|(.*?)\| ", flags=re.MULTILINE)
_GRAFANA_VARIABLES = {"$__rate_interval": "1m", "$__interval": "15s", "$__range": "1h"}
_ADDED_BY_PROMETHEUS = {"job", "instance"}

Document = dict[str, Any]


def documented_metrics(telemetry: str) -> dict[str, frozenset[str]]:
    """Return name and labels of every series that docs/telemetry.md promises, and ``up``, which Prometheus adds."""
    found = {"up": frozenset(_ADDED_BY_PROMETHEUS)}
    for name, kind, cell in _ROW.findall(telemetry):
        labels = frozenset(re.findall(r"`(\w+)`", cell)) | _ADDED_BY_PROMETHEUS
        if kind == "histogram":
            found |= {f"{name}_bucket": labels | {"le"}, f"{name}_count": labels, f"{name}_sum": labels}
        else:
            found[name] = labels
    return found


def query_problems(query: str, known: dict[str, frozenset[str]]) -> list[str]:
    """The query parses, and its metrics and the labels it names are documented."""
    for variable, value in _GRAFANA_VARIABLES.items():
        query = query.replace(variable, value)
    try:
        parsed = promql_parser.parse(query)
    except ValueError as error:
        return [f"{query}: {error}"]
    nodes: list[promql_parser.Expr] = []
    promql_parser.walk(parsed, nodes.append)
    selectors = [node for node in nodes if isinstance(node, promql_parser.VectorSelector)]
    problems = [f"{node.name} is not in docs/telemetry.md" for node in selectors if node.name not in known]
    labels = frozenset().union(*(known.get(node.name or "", frozenset()) for node in selectors))
    named = {matcher.name for node in selectors for matcher in node.matchers.matchers}
    for node in nodes:
        if isinstance(node, promql_parser.AggregateExpr) and node.modifier is not None:
            named |= set(node.modifier.labels)
    problems += [f"{label} is no label of the metrics in {query}" for label in sorted(named - labels)]
    return problems if selectors else [*problems, f"{query} asks for no metric"]


def panels(dashboard: Document) -> list[Document]:
    """Every panel, those inside a collapsed row included."""
    return [one for panel in dashboard["panels"] for one in (panel, *panel.get("panels", []))]


def dashboard_problems(dashboard: Document, sources: Document, known: dict[str, frozenset[str]]) -> list[str]:
    """Ids are unique, panels do not overlap, every query goes to the provisioned data source and is answerable."""
    found = panels(dashboard)
    uids = {source["uid"] for source in sources["datasources"]}
    problems = ["panel ids repeat"] if len({panel["id"] for panel in found}) != len(found) else []
    cells = [cell for panel in found for cell in _cells(panel["gridPos"])]
    problems += ["panels overlap"] if len(set(cells)) != len(cells) else []
    problems += ["a panel leaves the grid of 24 columns"] if any(column >= 24 for column, _ in cells) else []
    for panel in found:
        if panel["type"] == "row":
            continue
        title, targets = panel["title"], panel.get("targets", [])
        asked = [panel["datasource"], *(target["datasource"] for target in targets)]
        problems += [f"{title}: no data source {one['uid']}" for one in asked if one["uid"] not in uids]
        problems += [f"{title}: no description"] if not panel.get("description") else []
        problems += [f"{title}: asks nothing"] if not targets else []
        problems += [f"{title}: refId repeats"] if len({one["refId"] for one in targets}) != len(targets) else []
        for target in targets:
            problems += [f"{title}: {problem}" for problem in query_problems(target["expr"], known)]
            labels = re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", ""))
            unknown = [label for label in labels if label not in target["expr"]]
            problems += [f"{title}: the legend's {label} is not kept by the query" for label in unknown]
    return problems


def _cells(place: Document) -> list[tuple[int, int]]:
    columns, rows = range(place["x"], place["x"] + place["w"]), range(place["y"], place["y"] + place["h"])
    return [(column, row) for column in columns for row in rows]


def rules(alerting: Document) -> list[Document]:
    """Every alert rule of the file."""
    return [rule for group in alerting["groups"] for rule in group["rules"]]


def alert_problems(alerting: Document, sources: Document, known: dict[str, frozenset[str]]) -> list[str]:
    """Rules as Grafana's file provisioning takes them, each with a limit, a reason and what to do.

    https://grafana.com/docs/grafana/latest/alerting/set-up/provision-alerting-resources/file-provisioning/
    """
    found = rules(alerting)
    uids = {source["uid"] for source in sources["datasources"]} | {"__expr__"}
    problems = ["rule uids repeat"] if len({rule["uid"] for rule in found}) != len(found) else []
    problems += ["Grafana would expand a dollar sign"] if "$" in str(alerting) else []
    for rule in found:
        title, parts = rule["title"], {part["refId"]: part for part in rule["data"]}
        if len(rule["uid"]) > 40 or not re.fullmatch(r"[\w-]+", rule["uid"]):
            problems.append(f"{title}: the uid is not one")
        if not re.fullmatch(r"\d+[smh]", rule["for"]):
            problems.append(f"{title}: waits for {rule['for']}")
        if rule["noDataState"] not in {"OK", "Alerting", "NoData"} or rule["execErrState"] != "Error":
            problems.append(f"{title}: nobody says what missing data means")
        if rule.get("labels", {}).get("severity") not in {"warning", "critical"}:
            problems.append(f"{title}: no severity")
        if not all(rule.get("annotations", {}).get(key) for key in ("summary", "description")):
            problems.append(f"{title}: does not say what to do")
        problems += [f"{title}: no data source {one}" for one in _sources_of(parts) if one not in uids]
        problems += [f"{title}: {problem}" for problem in _limit_problems(rule["condition"], parts, known)]
    return problems


def _sources_of(parts: dict[str, Document]) -> list[str]:
    return [part["datasourceUid"] for part in parts.values()]


def _limit_problems(condition: str, parts: dict[str, Document], known: dict[str, frozenset[str]]) -> list[str]:
    if condition not in parts:
        return [f"the condition {condition} is not there"]
    threshold = parts[condition]["model"]
    evaluators = [one["evaluator"] for one in threshold.get("conditions", [])]
    if threshold.get("type") != "threshold" or [one["type"] for one in evaluators] not in (["gt"], ["lt"]):
        return ["the condition is no threshold"]
    if threshold["expression"] not in parts:
        return [f"the threshold looks at {threshold['expression']}, which is not there"]
    model = parts[threshold["expression"]]["model"]
    problems = query_problems(model["expr"], known)
    if not all(part["model"]["refId"] == name for name, part in parts.items()):
        problems.append("a model has another refId than its part")
    return problems if model.get("instant") else [*problems, "the query gives a range, the threshold needs one value"]
