"""Freshness and the worker's jobs as Prometheus gauges. Pure: rows in, metrics out; docs/telemetry.md names them.

Stage: service. A number nobody knows is left out, so that it cannot be taken for zero.
"""

from collections.abc import Callable, Iterator, Sequence

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

from service.freshness import SEARCH, Freshness, Limit, search_is_stale, table_row_is_stale
from service.search.rows import Row

_TABLE = ("source", "table")
_QUANTILES = (("0.5", "median"), ("0.95", "p95"), ("1", "worst"))
# metric, what it tells, column of freshness.sql
_TABLE_COLUMNS = (
    ("look_age_seconds", "Age of the last successful look at the source.", "look_age_seconds"),
    ("newest_change_age_seconds", "Age of the newest change applied to bronze.", "newest_change_age_seconds"),
    ("rows_behind", "Changes the source is known to have and bronze has not.", "rows_behind"),
    ("unpublished_events", "Events in bronze that are not in the marts yet.", "unpublished_events"),
    ("rows", "Rows the snapshot read, or events the stream wrote.", "row_count"),
    ("rows_refused", "Source rows the direct loader refused.", "refused_count"),
)
_PIPELINE_COLUMNS = (
    ("products", "Products in the search mart.", "products"),
    ("products_waiting", "Products whose new text is not in document and vector yet.", "waiting"),
    ("dead_letters", "Messages of the stream that could not be read and were not replayed.", "dead_letters"),
    ("stream_lost_messages", "Messages Kafka deleted before they were read.", "lost_messages"),
    ("freshness_observed_age_seconds", "Time since freshness was last observed.", "observed_age"),
)


def freshness_metrics(found: Freshness, limit_of: Limit) -> Iterator[Metric]:
    """Yield the metrics of what was observed; none before the first observation."""
    if found.pipeline is None:
        return
    yield from _table_metrics(found.tables, limit_of)
    for name, help_text, column in _PIPELINE_COLUMNS:
        yield _gauge(name, help_text, found.pipeline[column])
    waiting_age = _known(found.pipeline["waiting_age_seconds"])
    yield _gauge("products_waiting_age_seconds", "Time since the oldest of them began to wait.", waiting_age)
    stale = search_is_stale(found, limit_of(SEARCH))
    yield _gauge("search_stale", "1 when products wait longer than the limit.", float(stale))
    yield _counter("publications", "Publications of the marts that changed something.", found.pipeline["publications"])
    yield _counter("published_events", "Source events in these publications.", found.pipeline["published_events"])
    if found.publications is not None:
        yield from _delay_metrics(found.publications)


def worker_metrics(jobs: Sequence[Row], duties: Sequence[Row]) -> Iterator[Metric]:
    """Yield the number of the worker's jobs by task and status, and which duties fail."""
    if jobs:
        family = GaugeMetricFamily("cordsearch_worker_jobs", "Jobs of the worker.", labels=("task", "status"))
        for row in jobs:
            family.add_metric((row["task"], row["status"]), row["jobs"])
        yield family
    if duties:
        family = GaugeMetricFamily(
            "cordsearch_worker_duty_failures", "Failed runs of a duty since its last good one.", labels=("duty",)
        )
        for row in duties:
            family.add_metric((row["duty"],), row["failures"])
        yield family


def scrape_metric(outcomes: dict[str, bool]) -> Metric:
    """Return which parts could be read for this scrape."""
    family = GaugeMetricFamily("cordsearch_scrape_success", "1 when this part could be read.", labels=("part",))
    for part, was_read in outcomes.items():
        family.add_metric((part,), float(was_read))
    return family


def _table_metrics(tables: Sequence[Row], limit_of: Limit) -> Iterator[Metric]:
    for name, help_text, column in _TABLE_COLUMNS:
        yield _per_table(name, help_text, tables, lambda row, column=column: row[column])  # type: ignore[misc] # the default binds the column
    yield _per_table(
        "unpublished_age_seconds", "Time since the oldest of them arrived; 0 when there is none.", tables,
        lambda row: _known(row["unpublished_age_seconds"]),
    )  # fmt: skip
    yield _per_table(
        "freshness_limit_seconds", "Limit of the table; 0 means none.", tables,
        lambda row: limit_of(row["table_name"]),
    )  # fmt: skip
    yield _per_table(
        "stale", "1 when the table is past its limit.", tables,
        lambda row: float(table_row_is_stale(row, limit_of(row["table_name"]))),
    )  # fmt: skip


def _per_table(
    name: str, help_text: str, tables: Sequence[Row], value_of: Callable[[Row], float | None]
) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"cordsearch_table_{name}", help_text, labels=_TABLE)
    for row in tables:
        value = value_of(row)
        if value is not None:
            family.add_metric((row["source_name"], row["table_name"]), max(0.0, value))
    return family


def _delay_metrics(row: Row) -> Iterator[Metric]:
    if row["newest_age"] is not None:
        yield _gauge("last_publication_age_seconds", "Time since the newest publication.", row["newest_age"])
    for until, help_text in (("published", "to the marts"), ("searchable", "until documents and vectors are written")):
        family = GaugeMetricFamily(
            f"cordsearch_commit_to_{until}_seconds", f"From the commit at the source {help_text}.", labels=("quantile",)
        )
        for quantile, column in _QUANTILES:
            value = row[f"{column}_{until}"]
            if value is not None:
                family.add_metric((quantile,), value)
        yield family


def _gauge(name: str, help_text: str, value: float) -> Metric:
    return GaugeMetricFamily(f"cordsearch_{name}", help_text, value=max(0.0, value))


def _counter(name: str, help_text: str, value: float) -> Metric:
    return CounterMetricFamily(f"cordsearch_{name}", help_text, value=value)


def _known(age: float | None) -> float:
    """Return an age that is absent when nothing waits: then it is zero, and known."""
    return 0.0 if age is None else age
