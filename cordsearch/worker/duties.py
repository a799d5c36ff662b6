"""What the worker does, one method per duty. Each calls a stage, and says in a line what it did (None: nothing).

Reads and writes what the stages do. Nothing here knows of jobs, locks or clocks: see ``worker.jobs``.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

import cordsearch.transform
from cordsearch.database import connect
from cordsearch.freshness import FreshnessError, observe
from cordsearch.settings import Settings
from cordsearch.sql import load_query
from cordsearch.transform import Transform
from cordsearch.worker.aside import run_aside
from cordsearch.worker.loading import Loading
from cordsearch.worker.schedule import Overlaps
from embeddings.build import build_version
from embeddings.garbage import collect_garbage
from embeddings.job import run_embedding_job
from embeddings.registry import active_model
from embeddings.train import train_by_settings
from embeddings.vocabulary import rebuild_dictionary
from ingest.compaction import run_compaction
from ingest.follow_plan import Limits
from ingest.sources import SourceDatabase

log = logging.getLogger("cordsearch.worker")

# A new version is built while people search: as long a pause after each batch as the batch took.
_REST_OF_A_BUILD = 1.0


@dataclass(frozen=True, slots=True)
class Embedded:
    """What an embedding run did (None: nothing), and whether the dictionary should be counted anew."""

    outcome: str | None
    dictionary_is_stale: bool


class Duties:
    """The stages as the worker calls them; kept for the life of the process, as dbt's manifest and connections are.

    Args:
        sources: the sources that the direct loader follows; those of the stream are not among them.
    """

    def __init__(
        self,
        settings: Settings,
        warehouse_url: str,
        sources: tuple[SourceDatabase, ...],
        should_stop: Callable[[], bool],
    ) -> None:
        self._settings, self._url = settings, warehouse_url
        limits = Limits(page_size=settings.source_page_size, overlap_seconds=settings.source_overlap_seconds)
        overlaps = Overlaps(
            fast=settings.worker_fast_overlap_seconds,
            late=settings.source_overlap_seconds,
            every=settings.worker_full_overlap_every_seconds,
        )
        self.loading = Loading(sources, warehouse_url, limits, overlaps, should_stop)
        self._transform = Transform(warehouse_url, settings.data_directory / "dbt", settings.embedding_dimensions)
        self._transformed = False

    def close(self) -> None:
        """Close every connection that is kept between jobs."""
        self.loading.close()

    def has_news(self) -> bool:
        """Whether a refresh has something to do: marts that lag behind bronze, or that can be built now."""
        with connect(self._url, autocommit=True) as connection:
            built, loaded = self._mart_state(connection)
            if not built:
                return loaded
            news = connection.execute(load_query(cordsearch.transform.__file__, "transform_has_news.sql")).fetchone()
        return bool(news and news[0])

    def _can_refresh(self) -> bool:
        """False until every table was loaded once: a catalogue of which half is there is not published."""
        with connect(self._url, autocommit=True) as connection:
            return any(self._mart_state(connection))

    def _mart_state(self, connection: Connection[Any]) -> tuple[bool, bool]:
        values = {"tables": [table.name for source in self.loading.sources for table in source.tables]}
        row = connection.execute(load_query(__file__, "sql/mart_state.sql"), values).fetchone()
        return (bool(row[0]), bool(row[1])) if row else (False, False)

    def refresh(self) -> str | None:
        """Bring the marts up to date. Raises TransformError.

        The first time it runs whatever is new: the dbt project may have changed since the last worker.
        """
        if not self._can_refresh() or (self._transformed and not self.has_news()):
            return None
        if not self._transformed:
            self._transform.prepare()
        self._transform.run()
        self._transformed = True
        self.observe()
        return "the marts follow bronze"

    def redraw(self) -> str:
        """Draw the month of freshness and the line between the tiers anew. Raises TransformError."""
        self._transform.run(redraw=True)
        self.observe()
        return "the marts were drawn anew"

    def embed(self) -> Embedded:
        """Write vectors and documents of texts that changed; trains the first encoder. Raises CordSearchError."""
        if active_model(self._url) is None:
            self._train()
        report = run_embedding_job(self._url, self._settings, rebuild_dictionary=False)
        self.observe()
        return Embedded(str(report) if report.written else None, report.dictionary_is_stale)

    def count_words(self) -> str:
        """Build the dictionary anew, which takes a while; vectors need not wait for it. Raises CordSearchError."""
        run_aside(rebuild_dictionary, self._url)
        return "the dictionary was counted anew"

    def train(self) -> str:
        """Train the encoder anew, write its vectors beside the live ones, switch to it, forget the versions before.

        The version in use until now is kept for ``cordsearch embed rollback``. Raises CordSearchError.
        """
        report = build_version(
            self._url, self._settings, self._train(), rest=max(_REST_OF_A_BUILD, self._settings.embedding_rest)
        )
        with connect(self._url, autocommit=True) as connection:
            collect_garbage(connection, self._settings.model_directory, keep=1)
        self.observe()
        return str(report)

    def _train(self) -> str:
        return train_by_settings(self._url, self._settings).model_id

    def compact(self) -> str:
        """Delete superseded events from bronze. Raises CordSearchError."""
        return str(run_compaction(self._url, self._settings.bronze_retention_days))

    def observe(self) -> None:
        """Note how fresh everything is; work that is done does not fail because that fails."""
        try:
            observe(self._url, keep_seconds=self._settings.freshness_keep_seconds)
        except FreshnessError as error:
            log.warning("observe.failed", extra={"error": str(error)})
