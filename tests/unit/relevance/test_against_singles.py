"""The whole search against each retriever alone, class by class."""

from benchmarks.relevance.evaluation import JudgedSet, against_singles
from benchmarks.relevance.grading import FULL
from benchmarks.relevance.measures import score
from benchmarks.relevance.needs import JudgedQuery, Need


def test_the_best_single_retriever_is_found_for_each_class() -> None:
    queries = [
        JudgedQuery(name, f"{name} {number}", Need(part_types=("pads",))) for name in ("a", "b") for number in range(9)
    ]
    judged = JudgedSet(queries, {query.key: {1: FULL} for query in queries}, [])
    right = {query.key: [1] for query in queries}
    half_right = {query.key: [1] if query.query_class == "a" else [2] for query in queries}
    wrong = {query.key: [2] for query in queries}
    others = {"words alone": half_right, "vector alone": wrong, "all but words": right}
    found = against_singles(judged, score(judged.grades, right), others, queries[0].half)
    assert list(found) == ["a", "b", "overall"]
    assert (found["a"]["single"], found["a"]["ndcg_10"], found["a"]["p_value"]) == ("words alone", 1.0, 1.0)
    assert (found["b"]["ours"], found["b"]["ndcg_10"]) == (1.0, 0.0)
    assert found["b"]["p_value"] < 0.05
    assert found["overall"]["ndcg_10"] == 0.5
