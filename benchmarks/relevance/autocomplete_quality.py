"""How soon autocomplete offers what a person is typing: keystroke by keystroke, over part types and part numbers.

    python -m benchmarks.relevance.autocomplete_quality   # this version of the service
    python -m benchmarks.relevance.autocomplete_quality --also before=http://127.0.0.1:8001   # and another

Reads the demo vocabulary (what people mean) and its catalogue through the service's HTTP interface; writes
``benchmarks/results/autocomplete_quality.{json,md}``. For every language and disturbance:

* MRR: mean over all keystrokes from the second on of 1 / place of the intended completion among eight, as
  Bar-Yossef and Kraus measure it ("Context-sensitive query auto-completion", WWW 2011);
* saved: share of the keystrokes after which the intended completion had already been offered among eight;
* never: share of the texts whose completion was not offered at any keystroke.
"""

import argparse
import random
import statistics
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import httpx

from benchmarks.relevance.__main__ import built_warehouse
from benchmarks.relevance.catalogue import read_spelled_codes
from benchmarks.relevance.engines import running_service
from benchmarks.relevance.slips import in_latin_letters, mistype, wrong_layout
from benchmarks.report import markdown_table, write_result
from cordsearch.analysis.codes import normalise_code
from cordsearch.analysis.normalise import fold_text
from cordsearch.pipeline import demo_source_url
from cordsearch.settings import load_settings
from ingest.demo.vocabulary import PartType, load_vocabulary

_OFFERED = 8
_SHORTEST = 2
_LAYOUTS = {"ru": ("ru", "en"), "uk": ("uk", "en"), "pl": ("en", "uk"), "en": ("en", "ru")}
_MAKES = ("DAF", "MAN", "Scania", "Volvo")


@dataclass(frozen=True)
class Task:
    """Somebody types ``typed`` in a page in ``language`` and means what ``is_meant`` accepts."""

    group: str
    language: str
    typed: str
    is_meant: Callable[[str], bool]


@dataclass
class Outcome:
    """What one service did with one group of tasks."""

    reciprocal_ranks: list[float]
    saved: list[float]
    times_ms: list[float]


def part_type_tasks(part_types: Sequence[PartType]) -> Iterator[Task]:
    """Yield every name of the part types, as it is and disturbed."""
    for number, part_type in enumerate(part_types):
        make = _MAKES[number % len(_MAKES)]
        for language in ("ru", "uk", "pl", "en"):
            name = part_type.names[language].lower()
            meant, active = _LAYOUTS[language]
            variants = {
                "as it is": name,
                "typo": mistype(name, language, part_type.key),
                "layout": wrong_layout(name, meant, active),
            }
            if language in ("ru", "uk"):
                variants["transliteration"] = in_latin_letters(name, "chat")
            if " " in name:
                first, rest = name.split(" ", 1)
                variants["typo in the first word"] = f"{mistype(first, language, part_type.key)} {rest}"
            for disturbance, typed in variants.items():
                if disturbance == "as it is" or typed != name:
                    yield Task(f"{language}, {disturbance}", language, typed, _same_text(name))
            if language != "en":
                yield Task(f"{language}, with make", language, f"{name} {make.lower()}", _holding(name, make))


def code_tasks(codes: Sequence[str]) -> Iterator[Task]:
    """Yield every part number as it is written, and without its punctuation in small letters."""
    for code in codes:
        bare = normalise_code(code)
        yield Task("code, as written", "ru", code, lambda text, bare=bare: normalise_code(text) == bare)  # type: ignore[misc]
        yield Task("code, bare", "ru", bare.lower(), lambda text, bare=bare: normalise_code(text) == bare)  # type: ignore[misc]


def _same_text(name: str) -> Callable[[str], bool]:
    wanted = fold_text(name)
    return lambda text: fold_text(text) == wanted


def _holding(name: str, make: str) -> Callable[[str], bool]:
    wanted, maker = fold_text(name), make.lower()
    return lambda text: fold_text(text).startswith(wanted) and maker in fold_text(text).split()


def type_out(client: httpx.Client, task: Task) -> tuple[list[float], float, list[float]]:
    """Return the reciprocal rank at every keystroke, the share of keystrokes saved, and the times in milliseconds."""
    ranks: list[float] = []
    times: list[float] = []
    for length in range(_SHORTEST, len(task.typed) + 1):
        if task.typed[length - 1] == " ":
            continue  # the service takes outer blanks away
        parameters: dict[str, str | int] = {"q": task.typed[:length], "language": task.language, "limit": _OFFERED}
        answer = client.get("/autocomplete", params=parameters)
        answer.raise_for_status()
        body = answer.json()
        times.append(body["took_ms"])
        place = next((n for n, each in enumerate(body["suggestions"], 1) if task.is_meant(each["text"])), None)
        ranks.append(1 / place if place else 0.0)
    first = next((n for n, rank in enumerate(ranks) if rank), None)
    return ranks, 0.0 if first is None else 1 - (first + _SHORTEST) / (len(ranks) + _SHORTEST), times


def measure(services: dict[str, str], tasks: Sequence[Task]) -> dict[str, dict[str, Outcome]]:
    """Give every task to every service in turn, so that a busy machine is the same for all; return what they did."""
    outcomes: dict[str, dict[str, Outcome]] = {name: defaultdict(lambda: Outcome([], [], [])) for name in services}
    with ExitStack() as stack:
        clients = {name: stack.enter_context(httpx.Client(base_url=url, timeout=30)) for name, url in services.items()}
        for task in tasks:
            for name, client in clients.items():
                ranks, saved, times = type_out(client, task)
                outcome = outcomes[name][task.group]
                outcome.reciprocal_ranks.append(statistics.fmean(ranks))
                outcome.saved.append(saved)
                outcome.times_ms += times
    return outcomes


def report(outcomes: dict[str, dict[str, Outcome]]) -> tuple[dict[str, object], str]:
    """Return the figures and their tables."""
    rows: list[list[object]] = []
    groups = sorted({group for each in outcomes.values() for group in each})
    figures: dict[str, object] = {}
    for group in groups:
        for name, outcome in ((name, each[group]) for name, each in outcomes.items()):
            never = sum(not saved for saved in outcome.saved) / len(outcome.saved)
            values = (statistics.fmean(outcome.reciprocal_ranks), statistics.fmean(outcome.saved), never)
            rows.append([group, name, len(outcome.saved), *(round(value, 3) for value in values)])
            figures[f"{group} / {name}"] = dict(zip(("mrr", "saved", "never"), values, strict=True))
    times: list[list[object]] = []
    for name, each in outcomes.items():
        all_times = sorted(time for outcome in each.values() for time in outcome.times_ms)
        p50, p99 = all_times[len(all_times) // 2], all_times[int(len(all_times) * 0.99)]
        times.append([name, len(all_times), round(p50, 2), round(p99, 2)])
        figures[f"times / {name}"] = {"requests": len(all_times), "p50_ms": p50, "p99_ms": p99}
    quality = markdown_table(("typed", "service", "texts", "MRR", "saved", "never"), rows)
    speed = markdown_table(("service", "requests", "p50, ms", "p99, ms"), times)
    return figures, f"{quality}\n\nTimes inside the service, one client:\n\n{speed}"


def main() -> int:
    """Run what the arguments ask for."""
    parser = argparse.ArgumentParser(description="Measure how soon autocomplete offers what a person is typing.")
    parser.add_argument("--products", type=int, default=20_000, help="size of the demo catalogue")
    parser.add_argument("--data-directory", type=Path, default=Path(".cordsearch/relevance"))
    parser.add_argument("--types", type=int, default=60, help="part types typed out, the popular ones likelier")
    parser.add_argument("--codes", type=int, default=100, help="part numbers typed out")
    parser.add_argument("--also", action="append", default=[], metavar="NAME=URL", help="another running service")
    arguments = parser.parse_args()
    settings = load_settings().model_copy(update={"database_url": None, "data_directory": arguments.data_directory})
    chance = random.Random(20240501)
    part_types = list(load_vocabulary().part_types)
    part_types.sort(key=lambda each: -each.popularity * chance.random() ** 0.5)
    with built_warehouse(settings, arguments.products) as url:
        spelled = read_spelled_codes(demo_source_url(url))
        codes = sorted({code for each in spelled.values() for code in each if len(normalise_code(code)) >= 5})
        tasks = [*part_type_tasks(part_types[: arguments.types]), *code_tasks(chance.sample(codes, arguments.codes))]
        with running_service(url, settings) as own:
            services = dict(each.split("=", 1) for each in arguments.also) | {"this": own.base_url}
            figures, markdown = report(measure(services, tasks))
    write_result("autocomplete_quality", figures, markdown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
