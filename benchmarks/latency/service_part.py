"""One service measured while nothing else runs: cold, then warm; clients in a closed loop, then a constant arrival.

Starts the embedded PostgreSQL of a data directory and ``cordsearch serve`` on it. Writes nothing but what the service
itself writes (its log of queries).
"""

import asyncio
import os
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.latency.digest import digest
from benchmarks.latency.figures import summary
from benchmarks.latency.loops import closed_loop
from benchmarks.latency.processes import Meter
from benchmarks.latency.queries import SEED, Question, Questions, read_questions
from benchmarks.latency.saturation import saturation
from benchmarks.served import running_service
from cordsearch.database import connect, embedded_server, warehouse
from cordsearch.settings import Settings

# One address sends everything here; a limit per address would be what is measured.
UNLIMITED = {"CORDSEARCH_RATE_LIMIT_ADDRESS": "none"}
_WARM_UP_PER_CLASS = 30
_COLD_PER_CLASS = 10
_FLOOR_REQUESTS = 300


@dataclass(frozen=True)
class Plan:
    """How much is measured: queries per class, rounds of them at one client, clients, seconds per arrival rate.

    ``arrival_seconds`` 0: no open loop.
    """

    per_class: int = 200
    rounds: int = 1
    clients: tuple[int, ...] = (1,)
    arrival_seconds: float = 0.0
    cold: bool = False


@dataclass(frozen=True)
class Asked:
    """The questions of a run, three sets of them that share hardly any: before, to warm up, and to measure."""

    cold: Questions
    warm_up: Questions
    measured: Questions


def measure_service(directory: Path, plan: Plan, changed: Mapping[str, str]) -> dict[str, Any]:
    """Return the figures of one service on the catalogue in ``directory``; ``changed`` are settings of the service."""
    settings = Settings(data_directory=directory, DATABASE_URL=None)
    with warehouse(settings) as url:
        asked = read_asked(url, plan.per_class)
        about = describe(url)
    drop_cached = plan.cold and not embedded_server(settings).is_running()
    if drop_cached:
        forget_files(embedded_server(settings).data_directory)
    with ExitStack() as uses:
        started = time.perf_counter()
        url = uses.enter_context(warehouse(settings))
        base_url, process_id = uses.enter_context(running_service(url, directory, {**UNLIMITED, **changed}))
        ready = time.perf_counter() - started
        meter = Meter(process_id, postmaster(settings))
        figures = asyncio.run(_measure(base_url, asked, plan, meter))
        kept = {"settings": cache_settings(), "cache_control": cache_control(base_url)}
    cold = {"ready_seconds": ready, "files_forgotten": drop_cached, **figures.pop("cold")}
    chosen = {"changed": dict(changed), "others": service_settings(settings)}
    return {**about, "settings": chosen, "answer_cache": kept, "cold": cold, **figures}


async def _measure(base_url: str, asked: Asked, plan: Plan, meter: Meter) -> dict[str, Any]:
    cold = await measure_cold(base_url, asked.cold, meter) if plan.cold else {}
    memory = {"cold": meter.memory_mib()}
    await closed_loop(base_url, single(asked.warm_up.searches), 1)
    await closed_loop(base_url, asked.warm_up.typed, 1)
    floor = await closed_loop(base_url, [[Question("floor", "/health")]] * _FLOOR_REQUESTS, 1)
    figures: dict[str, Any] = {
        "cold": cold,
        "floor_ms": summary(answer.milliseconds for answer in floor),
        "search": await measure_loops(base_url, single(asked.measured.searches), plan, meter),
        "autocomplete": await measure_loops(base_url, asked.measured.typed, plan, meter),
    }
    memory["after"] = meter.memory_mib()
    return {**figures, "memory_mib": memory}


async def measure_loops(
    base_url: str, sessions: Sequence[Sequence[Question]], plan: Plan, meter: Meter
) -> dict[str, Any]:
    """Return figures by number of clients, of the rounds at one client after the first, and of constant arrivals."""
    closed = {str(clients): await measured_loop(base_url, sessions, clients, meter) for clients in plan.clients}
    figures: dict[str, Any] = {"closed": closed}
    if plan.rounds > 1:
        again = [session for _ in range(plan.rounds - 1) for session in sessions]
        figures["again"] = await measured_loop(base_url, again, 1, meter)
    if plan.arrival_seconds:
        questions = [question for session in sessions for question in session]
        best = max(loop["per_second"] for loop in closed.values())
        figures["open"] = await saturation(base_url, questions, best, plan.arrival_seconds, meter)
    return figures


async def measured_loop(
    base_url: str, sessions: Sequence[Sequence[Question]], clients: int, meter: Meter
) -> dict[str, Any]:
    """Return the figures of one closed loop."""
    meter.start()
    answers = await closed_loop(base_url, sessions, clients)
    return digest(answers, meter.read())


async def measure_cold(base_url: str, questions: Questions, meter: Meter) -> dict[str, Any]:
    """Return the figures of the first searches and completions after the start."""
    first = await measured_loop(base_url, single(questions.searches), 1, meter)
    return {"search": first, "autocomplete": await measured_loop(base_url, questions.typed, 1, meter)}


def single(questions: Sequence[Question]) -> list[list[Question]]:
    """Return sessions of one question each."""
    return [[question] for question in questions]


def read_asked(url: str, per_class: int) -> Asked:
    """Return the three sets of questions, each drawn by a seed of its own."""
    return Asked(
        read_questions(url, min(per_class, _COLD_PER_CLASS), SEED + 2),
        read_questions(url, min(per_class, _WARM_UP_PER_CLASS), SEED + 1),
        read_questions(url, per_class, SEED),
    )


def postmaster(settings: Settings) -> int:
    """Return the process id of the embedded server's first process."""
    return int((embedded_server(settings).data_directory / "postmaster.pid").read_text().split()[0])


def forget_files(folder: Path) -> None:
    """Let the kernel drop the files below ``folder`` from its cache, so that a start meets a cold disk.

    posix_fadvise(2) with POSIX_FADV_DONTNEED; the server must be stopped.
    """
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            descriptor = os.open(path, os.O_RDONLY)
            try:
                os.fsync(descriptor)  # pages that are not on disk yet stay
                os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(descriptor)


def describe(url: str) -> dict[str, Any]:
    """Return how many products there are, the size of the database on disk, and what PostgreSQL it is."""
    with connect(url) as connection:
        row = connection.execute(
            "select (select count(*) from staging_marts.dim_product_search), pg_database_size(current_database()),"
            " current_setting('server_version'), (select extversion from pg_extension where extname = 'vector'),"
            " current_setting('shared_buffers')"
        ).fetchone()
    assert row is not None
    products, size, server, pgvector, buffers = row
    return {
        "products": products,
        "database_gib": size / 1024**3,
        "postgresql": {"version": server, "pgvector": pgvector, "shared_buffers": buffers},
    }


def service_settings(settings: Settings) -> dict[str, Any]:
    """Return the settings that answers depend on."""
    names = {name for name in Settings.model_fields if name.startswith(("service_", "search_", "pool_", "statement_"))}
    return settings.model_dump(mode="json", include=names)


def cache_settings() -> dict[str, Any]:
    """Return the settings that name a cache, and their defaults: none while the service keeps no answers."""
    return {name: field.default for name, field in Settings.model_fields.items() if "cache" in name}


def cache_control(base_url: str) -> str:
    """Return what the service allows others to keep of a search."""
    return str(httpx.get(f"{base_url}/search", params={"q": "SEM143"}).headers.get("cache-control", ""))
