"""The measurement: every query asked, graded and summed up. Reads the built warehouse; writes nothing."""

import statistics
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.relevance.engines import Answer, Service
from benchmarks.relevance.grading import FULL, Part, grade
from benchmarks.relevance.measures import Answers, Scores, chance_of_no_gain, corrected, mean, score
from benchmarks.relevance.needs import CODE_CLASSES, JudgedQuery
from benchmarks.relevance.slips import code_neighbours

HALVES = ("tuning", "test")
NEIGHBOURS_OF_A_CODE = 3


@dataclass(frozen=True)
class JudgedSet:
    """The queries that the catalogue can serve, and the grades of their products (by :attr:`JudgedQuery.key`)."""

    queries: list[JudgedQuery]
    grades: dict[str, dict[int, int]]
    unanswerable: list[JudgedQuery]  # nothing in this catalogue serves them fully


def judge(queries: Sequence[JudgedQuery], parts: Sequence[Part], siblings: frozenset[tuple[str, str]]) -> JudgedSet:
    """Return the judged set over ``parts``."""
    of_type: defaultdict[str, list[Part]] = defaultdict(list)
    for part in parts:
        of_type[part.part_type].append(part)
    nearly: defaultdict[str, set[str]] = defaultdict(set)
    for asked, other in siblings:
        nearly[asked].add(other)
    grades: dict[str, dict[int, int]] = {}
    kept, unanswerable = [], []
    for query in queries:
        types = set(query.need.part_types).union(*(nearly[asked] for asked in query.need.part_types))
        candidates = [part for key in types for part in of_type[key]] if types else parts
        graded = {part.product_id: value for part in candidates if (value := grade(query.need, part, siblings))}
        if FULL in graded.values():
            kept.append(query)
            grades[query.key] = graded
        else:
            unanswerable.append(query)
    return JudgedSet(kept, grades, unanswerable)


def ask_service(service: Service, queries: Sequence[JudgedQuery]) -> dict[str, Answer]:
    """Return the service's whole answer to every query."""
    service.ask("колодки")  # the first request warms the connection
    return {query.key: service.ask(query.text) for query in queries}


def ask(search: Callable[[str], list[int]], queries: Sequence[JudgedQuery]) -> dict[str, list[int]]:
    """Return an engine's answer to every query."""
    return {query.key: search(query.text) for query in queries}


def summary(judged: JudgedSet, scores: Mapping[str, Scores]) -> dict[str, dict[str, dict[str, float]]]:
    """Return half -> class (and ``overall``) -> measure -> mean, with the number of queries."""
    found: dict[str, dict[str, dict[str, float]]] = {}
    for half in HALVES:
        groups: defaultdict[str, list[Scores]] = defaultdict(list)
        for query in judged.queries:
            if query.half == half:
                groups[query.query_class].append(scores[query.key])
                groups["overall"].append(scores[query.key])
        found[half] = {
            name: {"queries": len(groups[name]), **asdict(mean(groups[name]))}
            for name in [*sorted(set(groups) - {"overall"}), "overall"]
        }
    return found


def false_exact_matches(service: Service, judged: JudgedSet, parts: Sequence[Part]) -> dict[str, Any]:
    """Return how many hits are called exact for part numbers that do not exist, one character from one that does."""
    taken = frozenset(code for part in parts for code in part.codes)
    wanted = [query.need.code for query in judged.queries if query.query_class in CODE_CLASSES]
    asked = [near for code in wanted for near in code_neighbours(code, taken, NEIGHBOURS_OF_A_CODE)]
    false = [near for near in asked if service.ask(near).exact]
    return {"asked": len(asked), "called_exact": len(false), "examples": false[:10]}


def understanding(answers: Mapping[str, Answer]) -> dict[str, float]:
    """Return median, 95th percentile and highest time of the understanding step, in milliseconds."""
    times = sorted(answer.understand_ms for answer in answers.values())
    return {"median_ms": statistics.median(times), "p95_ms": times[int(len(times) * 0.95)], "highest_ms": times[-1]}


def against_singles(
    judged: JudgedSet, ours: Mapping[str, Scores], others: Mapping[str, Answers], half: str
) -> dict[str, dict[str, Any]]:
    """Return, by class (and ``overall``), the best retriever alone and whether ours beat it (one-sided, Holm).

    Each value has ``ours``, ``single`` and ``ndcg_10`` of that, and ``p_value``.
    """
    singles = {name: score(judged.grades, answers) for name, answers in others.items() if name.endswith(" alone")}
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for query in judged.queries:
        if query.half == half:
            groups[query.query_class].append(query.key)
            groups["overall"].append(query.key)
    rows: dict[str, dict[str, Any]] = {}
    chances: dict[str, float] = {}
    for group in [*sorted(set(groups) - {"overall"}), "overall"]:
        keys = groups[group]
        values = {name: [found[key].ndcg_10 for key in keys] for name, found in singles.items()}
        best = max(values, key=lambda name: statistics.fmean(values[name]))
        own = [ours[key].ndcg_10 for key in keys]
        rows[group] = {"ours": statistics.fmean(own), "single": best, "ndcg_10": statistics.fmean(values[best])}
        chances[group] = chance_of_no_gain(own, values[best])
    for group, chance in corrected(chances).items():
        rows[group]["p_value"] = chance
    return rows


def compare(judged: JudgedSet, ours: Mapping[str, Scores], others: Mapping[str, Answers], half: str) -> dict[str, Any]:
    """Return, per other engine, its means over ``half`` and whether ours beat it (one-sided, corrected by Holm)."""
    keys = [query.key for query in judged.queries if query.half == half]
    rows: dict[str, dict[str, float]] = {}
    chances: dict[str, float] = {}
    for name, answers in others.items():
        theirs = score(judged.grades, answers)
        rows[name] = asdict(mean([theirs[key] for key in keys]))
        chances[name] = chance_of_no_gain([ours[key].ndcg_10 for key in keys], [theirs[key].ndcg_10 for key in keys])
    for name, chance in corrected(chances).items():
        rows[name]["p_value"] = chance
    return rows
