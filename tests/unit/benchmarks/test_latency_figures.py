"""What the latency suite makes of the times it took."""

from collections.abc import Callable

import pytest

from benchmarks.latency.digest import AROUND, digest
from benchmarks.latency.figures import curve, percentile, summary
from benchmarks.latency.loops import Timed, head_of, told
from benchmarks.latency.peers import answers_in_turn
from benchmarks.latency.queries import Question
from benchmarks.latency.saturation import highest, step

USAGE = {"seconds": 2.0, "service_cpu_seconds": 1.0, "database_cpu_seconds": 0.5, "client_cpu_seconds": 0.25}
BODY = (
    b'{"query":"say \\"hits\\":[","took_ms":3.5,"degraded":false,"timings_ms":{"understand":1.5,"retrieve":2.0},'
    b'"retrievers":[],"hits":[{"took_ms":99}],"facets":null}'
)


def timed(milliseconds: float, status: int = 200, body: bytes = BODY, query_class: str = "typo") -> Timed:
    return Timed(Question(query_class, "/search?q=a%20b"), milliseconds, status, head_of(body))


def test_a_percentile_is_a_value_that_was_measured() -> None:
    values = [float(value) for value in range(1, 101)]
    assert percentile(values, 50) == 50
    assert percentile(values, 99) == 99
    assert percentile(values, 99.5) == 100
    assert percentile([7.0], 1) == 7
    with pytest.raises(ValueError, match="no values"):
        percentile([], 50)


def test_a_summary_of_nothing_counts_nothing() -> None:
    assert summary([]) == {"count": 0}
    assert summary([3, 1, 2]) == {"count": 3, "p50": 2, "p95": 3, "p99": 3, "max": 3}
    assert curve([]) == []
    assert curve([2.0, 1.0])[-1] == 2.0


def test_what_an_answer_says_of_itself_ends_before_its_hits() -> None:
    assert told(timed(1.0)).took_ms == 3.5
    assert told(timed(1.0)).stages == {"understand": 1.5, "retrieve": 2.0}
    assert b"99" not in head_of(BODY)
    completions = b'{"query":"a","took_ms":1.0,"suggestions":[]}'
    assert head_of(completions) == completions


def test_a_digest_tells_classes_stages_and_what_went_wrong() -> None:
    found = digest([timed(5.0), timed(7.0), timed(6.0, query_class="code"), timed(1.0, 503, b"{}")], USAGE)
    assert found["overall"] == {"count": 3, "p50": 6.0, "p95": 7.0, "p99": 7.0, "max": 7.0}
    assert found["statuses"] == {200: 3, 503: 1}
    assert found["per_second"] == 1.5
    assert found["classes"]["code"]["p50"] == 6.0
    assert found["stages"][AROUND]["max"] == 3.5
    assert found["class_stages"]["typo"]["retrieve"]["p99"] == 2.0
    assert [slow["milliseconds"] for slow in found["slowest"]] == [7.0, 6.0, 5.0]
    assert found["slowest"][0]["query"] == "a b"


def test_a_rate_is_kept_up_with_when_every_answer_is_there_in_time() -> None:
    in_time = [timed(10.0), timed(97.0)]
    assert step(20.0, in_time)["kept_up"]
    assert not step(20.0, [*in_time, timed(99.0)])["kept_up"]
    refused = step(20.0, [*in_time, timed(1.0, 503)])
    assert not refused["kept_up"]
    assert refused["statuses"] == {200: 2, 503: 1}
    assert not step(20.0, [])["kept_up"]


def test_the_highest_rate_is_of_those_kept_up_with() -> None:
    steps = [{"rate": rate, "kept_up": rate < 30} for rate in (10.0, 20.0, 30.0)]
    assert highest(steps) == 20.0
    assert highest(steps[2:]) == 0.0


def test_engines_take_turns_and_each_answers_every_text() -> None:
    asked: list[str] = []

    def engine(name: str, product: int) -> Callable[[str], list[int]]:
        def search(text: str) -> list[int]:
            asked.append(name)
            return [product, int(text)]

        return search

    texts = [str(number) for number in range(120)]
    others = [str(number) for number in range(1000, 1030)]
    found = answers_in_turn({"one": engine("one", 1), "two": engine("two", 2)}, texts, others)
    assert found["two"][1] == [[2, number] for number in range(120)]
    assert len(found["one"][0]) == 120
    assert "".join(name[0] for name in asked[:60]) == "o" * 30 + "t" * 30
    assert "".join(name[0] for name in asked[60:]) == "o" * 50 + "t" * 50 + "o" * 50 + "t" * 50 + "o" * 20 + "t" * 20
