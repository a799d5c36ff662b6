"""When data is stale, and how that is told: in words, and as metrics."""

from typing import Any

import pytest

from cordsearch.staleness import past
from service.freshness import NEVER_OBSERVED, Freshness, stale_reasons, table_row_is_stale
from service.metrics import freshness_metrics, worker_metrics
from service.routes.freshness import freshness_answer


def table(name: str, **columns: Any) -> dict[str, Any]:
    known: dict[str, Any] = {
        "source_name": "ecosystem", "table_name": name, "method": "updated", "complete": True, "row_count": 5,
        "refused_count": 0, "newest_change_at": None, "looked_at": None, "rows_behind": 0, "unpublished_events": 0,
        "newest_change_age_seconds": 1e6, "look_age_seconds": 1.0, "unpublished_age_seconds": None,
    }  # fmt: skip
    return known | columns


PIPELINE: dict[str, Any] = {
    "observed_at": None, "products": 10, "waiting": 0, "dead_letters": 0, "lost_messages": 0, "publications": 3,
    "published_events": 9, "observed_age": 2.0, "waiting_age_seconds": None,
}  # fmt: skip


def limit(name: str) -> float:
    return {"Quiet": 60.0, "Unlimited": 0.0}.get(name, 300.0)


@pytest.mark.parametrize(
    ("age", "limit_seconds", "expected"),
    [(None, 10.0, False), (10.0, 10.0, False), (10.1, 10.0, True), (1e9, 0.0, False), (-3.0, 10.0, False)],
)
def test_past(age: float | None, limit_seconds: float, expected: bool) -> None:  # noqa: FBT001
    assert past(age, limit_seconds) is expected


def test_a_quiet_table_that_is_looked_at_is_not_stale() -> None:
    assert not table_row_is_stale(table("Quiet", look_age_seconds=1.0, newest_change_age_seconds=1e9), 60)


def test_each_stale_thing_is_told_with_its_age_and_limit() -> None:
    found = Freshness(
        tables=[
            table("Quiet", look_age_seconds=61.0),
            table("Unlimited", look_age_seconds=1e9),
            table("Stuck", unpublished_events=4, unpublished_age_seconds=301.0),
            table("Fine", unpublished_events=4, unpublished_age_seconds=299.0),
        ],
        pipeline=PIPELINE | {"waiting": 1_200, "waiting_age_seconds": 400.0},
    )
    assert stale_reasons(found, limit) == [
        "Quiet: last looked at 1m01s ago, the limit is 1m00s",
        "Stuck: changes wait for their publication for 5m01s, the limit is 5m00s",
        "search: 1,200 products wait for their vector for 6m40s, the limit is 5m00s",
    ]


def test_nothing_observed_is_unknown_neither_fresh_nor_stale() -> None:
    assert stale_reasons(NEVER_OBSERVED, limit) == []
    assert freshness_answer(NEVER_OBSERVED, limit)["status"] == "unknown"
    assert list(freshness_metrics(NEVER_OBSERVED, limit)) == []
    assert list(worker_metrics([], [])) == []


def test_a_number_nobody_knows_is_left_out_of_the_metrics() -> None:
    found = Freshness(
        [table("Quiet", look_age_seconds=None, rows_behind=None), table("Other", look_age_seconds=-2.0)], PIPELINE
    )
    samples = {
        (sample.name, sample.labels.get("table")): sample.value
        for metric in freshness_metrics(found, limit)
        for sample in metric.samples
    }
    assert ("cordsearch_table_look_age_seconds", "Quiet") not in samples
    assert ("cordsearch_table_rows_behind", "Quiet") not in samples
    assert samples["cordsearch_table_look_age_seconds", "Other"] == 0  # clocks differ; no age is below zero
    assert samples["cordsearch_table_unpublished_age_seconds", "Quiet"] == 0
    assert samples["cordsearch_publications_total", None] == 3
    assert not any(name.startswith("cordsearch_commit_to") for name, _ in samples)
