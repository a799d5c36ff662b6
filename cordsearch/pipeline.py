"""The whole way from source to searchable, one stage after the other.

Reads the two sources (or the demo source); writes bronze, the marts, the trained encoder and the
vectors. Each stage skips what is already done, so a second run takes seconds.
"""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

import ingest.demo
from cordsearch.database import (
    DEMO_SOURCE_DATABASE,
    connect,
    create_database,
    database_url,
)
from cordsearch.errors import SettingsError
from cordsearch.freshness import observed
from cordsearch.search_role import SearchRoleError, prepare_search_role
from cordsearch.settings import Settings
from cordsearch.transform import Transform
from embeddings.job import run_embedding_job
from embeddings.registry import active_model
from embeddings.train import train_by_settings
from ingest.demo.source import create_demo_source
from ingest.follow_plan import Limits
from ingest.incremental import run_incremental, run_reconciliation
from ingest.incremental_report import IncrementalReport
from ingest.snapshot import SnapshotReport, run_snapshot
from ingest.sources import SourceDatabase, configured_sources

DEMO_SEED = 20240501
_WAREHOUSE_SCHEMAS = ("bronze", "staging_staging", "staging_marts", "staging_intermediate", "embeddings", "freshness")


@dataclass(frozen=True)
class StageTiming:
    """How long one stage of a build took, in seconds."""

    stage: str
    seconds: float


def demo_source_url(warehouse_url: str) -> str:
    """URL of the demo source: a database of its own beside the warehouse."""
    return database_url(warehouse_url, DEMO_SOURCE_DATABASE)


def build_demo_source(
    source_url: str, products: int, seed: int = DEMO_SEED, *, warehouse_url: str | None = None
) -> None:
    """Create and fill the demo source unless it already holds this catalogue.

    ``warehouse_url`` names a warehouse that was built from the old one: it is emptied before the source changes,
    so that an interruption anywhere leaves nothing of the old catalogue to be taken for the new one.
    """
    name = str(conninfo_to_dict(source_url)["dbname"])
    create_database(database_url(source_url, "postgres"), name)
    description = f"demo catalogue: {products} products, seed {seed}, generator {_generator_fingerprint()}"
    if demo_description(source_url) == description:
        return
    if warehouse_url is not None:
        reset_warehouse(warehouse_url)
    create_demo_source(source_url, products, seed)
    with connect(source_url) as connection:  # said last: an interrupted creation is repeated, not trusted
        connection.execute(sql.SQL("comment on schema dbo is {}").format(sql.Literal(description)))


def _generator_fingerprint() -> str:
    """Hash of the generator's code and vocabulary: a new version of either makes another catalogue."""
    digest = hashlib.sha256()
    folder = Path(ingest.demo.__file__).parent
    for file in sorted(path for path in folder.rglob("*") if path.suffix in {".py", ".sql", ".tsv"}):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def demo_description(source_url: str) -> str | None:
    """What the demo source says of itself, or None if it was never completed."""
    with connect(source_url) as connection:
        row = connection.execute("select obj_description(to_regnamespace('dbo'), 'pg_namespace')").fetchone()
    return row[0] if row else None


def reset_warehouse(warehouse_url: str) -> None:
    """Drop everything the project builds in the warehouse. The source changed identity: no row of it may stay."""
    with connect(warehouse_url) as connection:
        for schema in _WAREHOUSE_SCHEMAS:
            connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
    with suppress(SearchRoleError):  # what it may read goes with the schemas; without the role, the service says so
        prepare_search_role(warehouse_url)


def sources_to_read(settings: Settings, demo_url: str | None = None) -> tuple[SourceDatabase, ...]:
    """The two sources that the settings name, or the demo source for both when they name none.

    Raises:
        SettingsError: only one of the two URLs is set; mixing a real source with the demo would mix catalogues.
    """
    product, ecosystem = settings.source_product_url, settings.source_ecosystem_url
    if (product is None) != (ecosystem is None):
        missing = "CORDSEARCH_SOURCE_PRODUCT_URL" if product is None else "CORDSEARCH_SOURCE_ECOSYSTEM_URL"
        raise SettingsError(f"{missing} is not set, but the URL of the other source is. Set both, or neither.")
    if product is None and demo_url is None:
        raise SettingsError(
            "No source is configured. Set CORDSEARCH_SOURCE_PRODUCT_URL and CORDSEARCH_SOURCE_ECOSYSTEM_URL, "
            "or create the demo source with `cordsearch demo`."
        )
    return configured_sources(settings, demo_url)


def uses_demo_source(settings: Settings) -> None:
    """Raise SettingsError when a real source is configured: the demo would replace its rows in the warehouse."""
    if settings.source_product_url or settings.source_ecosystem_url:
        raise SettingsError(
            "A source is configured (CORDSEARCH_SOURCE_PRODUCT_URL, CORDSEARCH_SOURCE_ECOSYSTEM_URL), and the demo "
            "would replace what was loaded from it. Unset them, or set CORDSEARCH_DATA_DIRECTORY to another folder."
        )


def load(
    settings: Settings,
    warehouse_url: str,
    demo_url: str | None = None,
    *,
    source: str = "all",
    tables: Sequence[str] | None = None,
    restart: bool = False,
) -> SnapshotReport:
    """Snapshot the tables that are not yet complete into bronze; ``source`` is product, ecosystem or all.

    Raises:
        SettingsError, CordSearchError: nothing could be read, or some tables could not; the others are loaded.
    """
    chosen = _chosen_sources(settings, warehouse_url, demo_url, source)
    with observed(warehouse_url):
        return run_snapshot(chosen, warehouse_url, page_size=settings.source_page_size, tables=tables, restart=restart)


def follow_changes(
    settings: Settings,
    warehouse_url: str,
    demo_url: str | None = None,
    *,
    source: str = "all",
    tables: Sequence[str] | None = None,
) -> IncrementalReport:
    """Append what changed at the source since the last time to bronze.

    Raises:
        SettingsError, CordSearchError: nothing could be read, or some tables could not; the others are up to date.
    """
    chosen = _chosen_sources(settings, warehouse_url, demo_url, source)
    with observed(warehouse_url):
        return run_incremental(chosen, warehouse_url, tables, _limits(settings))


def reconcile(
    settings: Settings,
    warehouse_url: str,
    demo_url: str | None = None,
    *,
    source: str = "all",
    tables: Sequence[str] | None = None,
    every_row: bool = False,
    allow_mass_delete: bool = False,
) -> IncrementalReport:
    """Compare source and bronze by their keys, or row by row with ``every_row``, and put bronze right.

    Raises:
        SettingsError, CordSearchError: nothing could be read, or some tables could not; the others are right.
    """
    chosen = _chosen_sources(settings, warehouse_url, demo_url, source)
    limits = _limits(settings)
    if allow_mass_delete:
        limits = replace(limits, largest_delete_share=1.0)
    with observed(warehouse_url):
        return run_reconciliation(chosen, warehouse_url, tables, limits, every_row=every_row)


def _limits(settings: Settings) -> Limits:
    return Limits(page_size=settings.source_page_size, overlap_seconds=settings.source_overlap_seconds)


def _chosen_sources(settings: Settings, warehouse_url: str, demo_url: str | None, source: str) -> list[SourceDatabase]:
    """The sources named ``source`` (product, ecosystem or all). Raises SettingsError."""
    if demo_url is None and settings.source_product_url is None and settings.database_url is None:
        demo_url = demo_source_url(warehouse_url)
    chosen = [each for each in sources_to_read(settings, demo_url) if source in ("all", each.name)]
    if not chosen:
        raise SettingsError(f"There is no source {source!r}. Choose product, ecosystem or all.")
    return chosen


def build_search(settings: Settings, warehouse_url: str, *, demo_url: str | None = None) -> tuple[StageTiming, ...]:
    """Load, transform, train if no encoder is active, and embed. Returns what each stage took.

    Raises CordSearchError from the stage that failed; the stages before it are kept.
    """
    timings: list[StageTiming] = []
    clock = perf_counter()

    def finish(stage: str) -> None:
        nonlocal clock
        timings.append(StageTiming(stage, perf_counter() - clock))
        clock = perf_counter()

    load(settings, warehouse_url, demo_url)
    finish("load")
    Transform(warehouse_url, settings.data_directory / "dbt", settings.embedding_dimensions).run()
    finish("transform")
    if active_model(warehouse_url) is None:
        train_by_settings(warehouse_url, settings)
    finish("train")
    with observed(warehouse_url):
        run_embedding_job(warehouse_url, settings)
    finish("embed")
    return tuple(timings)
