"""Measures relevance: builds or reuses the demo warehouse, asks the real service, compares, checks the baseline.

    python -m benchmarks.relevance                  # everything; exit 1 when a class lost more than noise
    python -m benchmarks.relevance --quick          # the service only: no ablation, no peers
    python -m benchmarks.relevance --write-baseline # make the figures the new baseline
    python -m benchmarks.relevance --compose        # write data/queries.tsv anew; review it before you commit it

Writes ``benchmarks/results/relevance.{json,md}`` and, for the tuning half
only, ``relevance_tuning.tsv`` with what came first.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.relevance.baseline import Figures, drops, read_baseline, write_baseline
from benchmarks.relevance.catalogue import read_parts, read_spelled_codes, sibling_types
from benchmarks.relevance.compose import compose
from benchmarks.relevance.engines import Answer, running_service, search_with_selections
from benchmarks.relevance.evaluation import (
    HALVES,
    JudgedSet,
    against_singles,
    ask,
    ask_service,
    compare,
    false_exact_matches,
    judge,
    summary,
    understanding,
)
from benchmarks.relevance.grading import Part
from benchmarks.relevance.measures import Answers, Scores, score
from benchmarks.relevance.needs import read_queries, read_siblings, write_queries
from benchmarks.relevance.peers import open_peers
from benchmarks.report import RESULTS_DIRECTORY, markdown_table, write_result
from cordsearch.database import connect, warehouse
from cordsearch.pipeline import DEMO_SEED, build_demo_source, build_search, demo_source_url
from cordsearch.settings import Settings, load_settings
from ingest.demo.plan import build_plan
from ingest.demo.vocabulary import load_vocabulary

_MEASURES = ("ndcg_10", "rr_10", "first", "recall_10", "recall_100")
_HEADER = ("nDCG@10", "MRR@10", "right first", "recall@10", "recall@100")


def main() -> int:
    """Run what the arguments ask for; return the exit code."""
    parser = argparse.ArgumentParser(description="Measure how good the answers are, on judged queries.")
    parser.add_argument("--products", type=int, default=20_000, help="size of the demo catalogue")
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch/relevance"))
    parser.add_argument("--quick", action="store_true", help="the service only")
    parser.add_argument("--no-peers", action="store_true", help="without tantivy, LanceDB and plain PostgreSQL")
    parser.add_argument("--compose", action="store_true", help="write data/queries.tsv anew and stop")
    parser.add_argument("--write-baseline", action="store_true", help="make these figures the baseline")
    arguments = parser.parse_args()
    # Training that a busy machine cuts short would give other figures.
    changes = {"database_url": None, "data_directory": arguments.data_directory, "embedding_training_seconds": 3_600.0}
    settings = load_settings().model_copy(update=changes)
    with built_warehouse(settings, arguments.products) as url:
        parts = read_parts(demo_source_url(url), arguments.products, DEMO_SEED)
        if arguments.compose:
            plan = build_plan(load_vocabulary(), arguments.products, DEMO_SEED)
            write_queries(compose(plan, parts, read_spelled_codes(demo_source_url(url))))
            return 0
        judged = judge(read_queries(), parts, sibling_types(load_vocabulary(), read_siblings()))
        figures, markdown = measure(settings, url, judged, parts, arguments)
    write_result("relevance", figures, markdown)
    return check_baseline(arguments.products, figures["classes"], write=arguments.write_baseline)


@contextmanager
def built_warehouse(settings: Settings, products: int) -> Iterator[str]:
    """Yield the URL of a warehouse with the demo catalogue, built where it is not built already."""
    settings.data_directory.mkdir(parents=True, exist_ok=True)
    with warehouse(settings) as url:
        build_demo_source(demo_source_url(url), products, DEMO_SEED, warehouse_url=url)
        build_search(settings, url, demo_url=demo_source_url(url))
        yield url


def measure(
    settings: Settings, url: str, judged: JudgedSet, parts: Sequence[Part], arguments: argparse.Namespace
) -> tuple[dict[str, Any], str]:
    """Ask everything; return the figures and their Markdown."""
    with running_service(url, settings) as service:
        answers = ask_service(service, judged.queries)
        false = false_exact_matches(service, judged, parts)
    ours = score(judged.grades, {key: answer.products for key, answer in answers.items()})
    figures: dict[str, Any] = {
        "products": arguments.products,
        "queries": len(judged.queries),
        "unanswerable": [query.key for query in judged.unanswerable],
        "classes": summary(judged, ours),
        "false_exact_matches": false,
        "understanding": understanding(answers),
    }
    others: dict[str, Answers] = {}
    if not arguments.quick:
        others |= ablation_answers(settings, url, judged)
    if not (arguments.quick or arguments.no_peers):
        with open_peers(settings, url) as peers:
            others |= {peer.name: ask(peer.search, judged.queries) for peer in peers}
    figures["others"] = {half: compare(judged, ours, others, half) for half in HALVES} if others else {}
    figures["singles"] = {half: against_singles(judged, ours, others, half) for half in HALVES} if others else {}
    write_tuning_failures(url, judged, ours, answers)
    return figures, report(figures)


def ablation_answers(settings: Settings, url: str, judged: JudgedSet) -> dict[str, Answers]:
    """Return the answers of each retriever alone and of all but each."""
    found = search_with_selections(settings, url, [query.text for query in judged.queries])
    keys = [query.key for query in judged.queries]
    return {name: dict(zip(keys, answers, strict=True)) for name, answers in found.items()}


def report(figures: Mapping[str, Any]) -> str:
    """Return the figures as Markdown."""
    pieces = [f"{figures['queries']} judged queries over {figures['products']:,} products."]
    for half in HALVES:
        rows = [
            [name, int(values["queries"]), *(values[measure] for measure in _MEASURES)]
            for name, values in figures["classes"][half].items()
        ]
        pieces.append(f"## {half.capitalize()} half\n\n" + markdown_table(["class", "queries", *_HEADER], rows))
    for half, rows in figures["others"].items():
        whole = figures["classes"][half]["overall"]
        table = [["**Cord Search**", *(whole[measure] for measure in _MEASURES), ""]]
        for name, row in rows.items():
            table.append([name, *(row[measure] for measure in _MEASURES), f"{row['p_value']:.4f}"])
        pieces.append(
            f"## Compared, {half} half\n\np: chance of such a gain in nDCG@10 if there were none.\n\n"
            + markdown_table(["engine", *_HEADER, "p"], table)
        )
    for half, singles in figures["singles"].items():
        table = [
            [name, row["ours"], row["single"].removesuffix(" alone"), row["ndcg_10"], f"{row['p_value']:.4f}"]
            for name, row in singles.items()
        ]
        pieces.append(
            f"## Against the best retriever alone, {half} half\n\n"
            + markdown_table(["class", "nDCG@10", "best alone", "its nDCG@10", "p"], table)
        )
    false, times = figures["false_exact_matches"], figures["understanding"]
    pieces.append(
        f"Part numbers that do not exist, one character from one that does: {false['asked']} asked, "
        f"{false['called_exact']} called an exact match.\n\nUnderstanding a query: median {times['median_ms']:.2f} ms, "
        f"95 % under {times['p95_ms']:.2f} ms."
    )
    return "\n\n".join(pieces)


def write_tuning_failures(
    url: str, judged: JudgedSet, ours: Mapping[str, Scores], answers: Mapping[str, Answer]
) -> None:
    """Write what came first for the queries of the tuning half, the worst first. Nobody looks at the test half."""
    with connect(url) as connection:
        names = {
            key: f"{ru or uk or pl} [{code}]"
            for key, ru, uk, pl, code in connection.execute(
                "select product_id, name_ru, name_uk, name_pl, vendor_code from staging_marts.dim_product_search"
            )
        }
    tuning = sorted(
        (query for query in judged.queries if query.half == "tuning"),
        key=lambda query: (query.query_class, ours[query.key].ndcg_10),
    )
    RESULTS_DIRECTORY.mkdir(exist_ok=True)
    with (RESULTS_DIRECTORY / "relevance_tuning.tsv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="\t")
        writer.writerow(("class", "ndcg_10", "query", "wanted", "first five with their grades"))
        for query in tuning:
            grades = judged.grades[query.key]
            first = " | ".join(f"{grades.get(key, 0)} {names.get(key)}" for key in answers[query.key].products[:5])
            wanted = "/".join(filter(None, (*query.need.part_types, *query.need.qualifiers, query.need.model)))
            writer.writerow((query.query_class, f"{ours[query.key].ndcg_10:.3f}", query.text, wanted, first))


def check_baseline(products: int, classes: Mapping[str, Mapping[str, Mapping[str, float]]], *, write: bool) -> int:
    """Compare with the committed baseline, or write it; return the exit code."""
    figures: Figures = {
        half: {name: values["ndcg_10"] for name, values in groups.items()} for half, groups in classes.items()
    }
    if write:
        write_baseline(products, figures)
        return 0
    before = read_baseline(products)
    if before is None:
        print("No baseline for this judged set and size; write one with --write-baseline.", file=sys.stderr)
        return 0
    lost = drops(before, figures)
    for line in lost:
        print(f"worse than the baseline: {line}", file=sys.stderr)
    return 1 if lost else 0


if __name__ == "__main__":
    raise SystemExit(main())
