"""How fast the trained encoder is: queries one by one, product texts in batches.

Takes the warehouse and the model of ``--data-directory`` (``benchmarks.pipeline --keep`` and ``cordsearch demo`` build
one). Queries are the judged ones of ``benchmarks.relevance``, all classes, each encoded as the service does. Texts are
those of every product, read before the clock starts, in batches of the job's size, in one thread and in two.

    python -m benchmarks.encoder --data-directory .cordsearch
"""

import argparse
import statistics
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter

from benchmarks.relevance.needs import read_queries
from benchmarks.report import markdown_table, write_result
from cordsearch.database import connect, warehouse
from cordsearch.settings import load_settings
from embeddings.encoder import Encoder, load_encoder

QUERY_ROUNDS = 5
BATCH_ROUNDS = 3
GOAL_QUERY_MS = 0.3
GOAL_TEXTS_PER_SECOND = 20_000
ACTIVE_MODEL = "select path from embeddings.model where active"
TEXTS = "select content from staging_marts.dim_product_search where content is not null"


def main() -> None:
    """Measure and write ``benchmarks/results/encoder.{json,md}``."""
    parser = argparse.ArgumentParser(description="Measure the encoder.")
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch"))
    settings = load_settings().model_copy(
        update={"database_url": None, "data_directory": parser.parse_args().data_directory}
    )
    with warehouse(settings) as url, connect(url) as connection:
        active = connection.execute(ACTIVE_MODEL).fetchone()
        if active is None:
            raise SystemExit("No model is active there. Build one: cordsearch demo, or cordsearch embed train and run.")
        texts = [text for (text,) in connection.execute(TEXTS)]
    encoder = load_encoder(active[0], settings.model_directory)
    first, later = query_milliseconds(encoder, [query.text for query in read_queries()])
    rates = {threads: texts_per_second(encoder, texts, settings.embedding_batch_size, threads) for threads in (1, 2)}
    figures = {
        "model": encoder.model_id,
        "dimensions": encoder.dimensions,
        "queries": len(first),
        "query_median_ms": statistics.median(first),
        "query_p99_ms": statistics.quantiles(first, n=100)[98],
        "known_words_median_ms": statistics.median(later),
        "known_words_p99_ms": statistics.quantiles(later, n=100)[98],
        "query_goal_ms": GOAL_QUERY_MS,
        "texts": len(texts),
        "texts_per_second": rates,
        "texts_per_second_goal": GOAL_TEXTS_PER_SECOND,
    }
    rows = [
        ["one query asked for the first time, median, ms", figures["query_median_ms"], GOAL_QUERY_MS],
        ["the same, p99, ms", figures["query_p99_ms"], ""],
        ["one query whose words were asked before, median, ms", figures["known_words_median_ms"], GOAL_QUERY_MS],
        ["the same, p99, ms", figures["known_words_p99_ms"], ""],
        *([f"texts/s, threads: {threads}", round(rate), GOAL_TEXTS_PER_SECOND] for threads, rate in rates.items()),
    ]
    write_result("encoder", figures, markdown_table(["fact", "value", "goal"], rows))


def query_milliseconds(encoder: Encoder, queries: Sequence[str]) -> tuple[list[float], list[float]]:
    """Return the times of a first turn through the queries, and of later ones: an encoder may keep what words gave."""
    turns: list[list[float]] = []
    for _ in range(QUERY_ROUNDS + 1):
        turns.append([])
        for query in queries:
            started = perf_counter()
            encoder.encode_query(query)
            turns[-1].append((perf_counter() - started) * 1000)
    return turns[0], [time for turn in turns[1:] for time in turn]


def texts_per_second(encoder: Encoder, texts: Sequence[str], batch_size: int, threads: int) -> float:
    """Return the median rate over all texts."""
    batches = [texts[at : at + batch_size] for at in range(0, len(texts), batch_size)]
    rates = []
    for _ in range(BATCH_ROUNDS):
        started = perf_counter()
        with ThreadPoolExecutor(threads) as executor:
            for vectors in executor.map(encoder.encode_texts, batches):
                assert len(vectors)
        rates.append(len(texts) / (perf_counter() - started))
    return statistics.median(rates)


if __name__ == "__main__":
    main()
