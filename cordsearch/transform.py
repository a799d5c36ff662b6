"""Stage: BRONZE -> MARTS. Runs the dbt project in ``dbt/`` inside this process.

Reads schema ``bronze``; writes the views of ``staging_staging`` and the tables of ``staging_marts``.
Kept in the process because starting dbt costs seconds, and a parsed manifest is reused by later runs.

A run follows the source when it can: only products that a changed source row touches are computed. It builds
everything when it must (ADR 0007): the first time, after a change of the dbt project, and after a crash of the server
emptied the tables that following needs. Either way the marts are the same.
"""

import hashlib
import json
import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg

from cordsearch.database import connect, dbt_environment
from cordsearch.errors import CordSearchError
from cordsearch.progress import Progress
from cordsearch.sql import load_query

PROJECT_DIRECTORY = Path(__file__).resolve().parents[1] / "dbt"
_AUDIT = "audit_before_publication"
_UNPUBLISHED_MODELS = ("unpublished_product", "unpublished_product_search", "unpublished_product_code")
_MARTS = ("dim_product", "dim_product_search", "product_code")
# What a run that follows the source builds, in this order.
_FOLLOWING = ("touched_product", *_UNPUBLISHED_MODELS, _AUDIT, *_MARTS)
_EVERYTHING = ("resource_type:model", _AUDIT)
# Artifacts that nobody reads between two short runs cost dbt as long as the work itself.
_SHORT_RUN = ("--no-write-json", "--no-populate-cache")
# Beside a mart that is searched: one model at a time, so that searches have a processor (dbt/macros/mart_hooks.sql).
_ONE_AT_A_TIME = ("--threads", "1")
_FINDINGS_SHOWN = 10


class TransformError(CordSearchError):
    """A dbt model, test or the project itself failed."""


class PublicationHeldError(TransformError):
    """What was computed did not pass the audit. The marts are as they were; repeating the run changes nothing."""


class Transform:
    """Runs dbt commands against one warehouse; the manifest is parsed once per object.

    Args:
        url: libpq URL of the warehouse.
        output_directory: where dbt keeps its manifest, compiled SQL and logs.
        embedding_dimensions: length of the vector column when ``dim_product_search`` is made; an existing
            column keeps its length until a full refresh.
    """

    def __init__(self, url: str, output_directory: Path, embedding_dimensions: int = 256) -> None:
        self._url = url
        self._environment = dbt_environment(url)
        self._output_directory = output_directory.resolve()
        self._variables = json.dumps({"embedding_dimensions": embedding_dimensions})
        self._manifest: Any = None
        self._project = ""

    def run(
        self,
        *,
        full_refresh: bool = False,
        rebuild: bool = False,
        redraw: bool = False,
        select: Sequence[str] = (),
    ) -> None:
        """Bring the marts up to date. Of several runs at once each waits for the one before it.

        Args:
            full_refresh: make the marts anew; what the embedding job wrote is kept for texts that are the same.
            rebuild: read every source row again, but write only rows of the marts that differ.
            redraw: the same, with the month of freshness and the line between the tiers drawn anew.
            select: build just what these dbt selectors name. Marts take only what was computed for them and audited.

        Raises:
            PublicationHeldError: what the run computed did not pass the audit; nothing of it was published.
            TransformError: a model failed. The products concerned stay marked, and the next run computes them again.
        """
        anew = ["--full-refresh"] if full_refresh else []
        with self._alone() as connection:
            if redraw:
                connection.execute(load_query(__file__, "transform_forget_baseline.sql"))
            if select:
                # no mart is published past the audit; before the first build there is nothing it could ask
                audit = (_AUDIT,) if self._is_built(connection) else ()
                self._publish((*select, *audit), anew)
            elif not (full_refresh or rebuild or redraw) and self._can_follow(connection):
                # starting dbt costs a second or so; asking costs milliseconds
                if connection.execute(load_query(__file__, "transform_has_news.sql")).fetchone() == (True,):
                    self._publish(_FOLLOWING, _SHORT_RUN)
            else:
                pace = _ONE_AT_A_TIME if self._is_built(connection) and "DBT_THREADS" not in os.environ else ()
                self._publish(_EVERYTHING, [*anew, *pace])
                connection.execute(load_query(__file__, "transform_built_by.sql"), {"built_by": self._fingerprint()})

    def prepare(self) -> None:
        """Parse the project now, which takes seconds, so that the first run need not. Raises TransformError."""
        from dbt.cli.main import dbtRunner  # noqa: PLC0415 - as in _dbt

        with self._alone(), _environment_variables(self._environment):
            if self._manifest is None:
                self._manifest = self._parse(dbtRunner())

    def test(self, select: Sequence[str] = ()) -> None:
        """Run data and unit tests. Raises TransformError naming each test that failed."""
        self._invoke("test", _selection(select))

    def check_freshness(self) -> None:
        """Compare the age of the last look at each source table with its limits, as last observed.

        Raises TransformError past an error limit.
        """
        self._invoke("source", ["freshness"], with_manifest=False)

    @contextmanager
    def _alone(self) -> Iterator[psycopg.Connection[Any]]:
        """Hold the lock that lets one run at a time write the marts, on whatever machine it runs."""
        with connect(self._url, autocommit=True) as connection:
            connection.execute("select pg_advisory_lock(hashtextextended('cordsearch.transform', 0))")
            yield connection

    def _can_follow(self, connection: psycopg.Connection[Any]) -> bool:
        """Whether everything that was built whole is still there and was built by this version of the project."""
        if not self._is_built(connection):
            return False
        rows = connection.execute(load_query(__file__, "transform_followed.sql"), {"built_by": self._fingerprint()})
        kept = {str(name) for (name,) in rows}
        needed = {file.stem.removeprefix("current_") for file in PROJECT_DIRECTORY.glob("models/current/*.sql")}
        return needed <= kept

    def _is_built(self, connection: psycopg.Connection[Any]) -> bool:
        return connection.execute(load_query(__file__, "transform_built.sql")).fetchone() == (True,)

    def _fingerprint(self) -> str:
        """Hash of all models and macros."""
        if not self._project:
            digest = hashlib.sha256((PROJECT_DIRECTORY / "dbt_project.yml").read_bytes())
            for file in sorted(PROJECT_DIRECTORY.glob("m*/**/*.sql")):
                digest.update(str(file.relative_to(PROJECT_DIRECTORY)).encode() + file.read_bytes())
            self._project = digest.hexdigest()
        return self._project

    def _publish(self, select: Sequence[str], arguments: Sequence[str]) -> None:
        """Write, audit, publish: dbt build skips the marts when the audit finds anything."""
        chosen = [*_selection(select), "--indirect-selection", "empty"]
        result = self._dbt("build", [*arguments, *chosen])
        audit = [item for item in getattr(result.result, "results", []) if item.node.name == _AUDIT]
        if audit and str(audit[0].status) == "fail":
            raise PublicationHeldError(self._findings(audit[0].node.compiled_code))
        self._raise_unless_successful("build", result)

    def _findings(self, audit_query: str) -> str:
        """What the audit found, for a person: the first findings with the rows they are about."""
        with connect(self._url) as connection:
            rows = connection.execute(audit_query).fetchall()
        shown = [
            f"{relation}: {finding}" + (f" (product_id {product_id})" if product_id is not None else "")
            for relation, product_id, finding in rows[:_FINDINGS_SHOWN]
        ]
        if len(rows) > len(shown):
            shown.append(f"... and {len(rows) - len(shown):,} more")
        return (
            "Held: nothing was published, because the audit found "
            + "; ".join(shown)
            + ". The rows are in staging_intermediate.unpublished_*. Put the source right, or the model, and run again."
        )

    def _invoke(self, command: str, arguments: Sequence[str], *, with_manifest: bool = True) -> None:
        self._raise_unless_successful(command, self._dbt(command, arguments, with_manifest=with_manifest))

    def _raise_unless_successful(self, command: str, result: Any) -> None:
        if not result.success:
            raise TransformError(_failure_text(command, result, self._output_directory))

    def _dbt(self, command: str, arguments: Sequence[str], *, with_manifest: bool = True) -> Any:
        """Run one dbt command and return its dbtRunnerResult."""
        # dbt takes half a second to import; commands that never transform should not pay for it.
        from dbt.cli.main import dbtRunner  # noqa: PLC0415

        if not PROJECT_DIRECTORY.is_dir():
            raise TransformError(
                f"The dbt project {PROJECT_DIRECTORY} is missing. Run cordsearch from a clone of the repository."
            )
        with _environment_variables(self._environment):
            if with_manifest and self._manifest is None:
                self._manifest = self._parse(dbtRunner())
            with Progress(f"dbt {command}", total=None, unit="models and tests") as progress:
                runner = dbtRunner(
                    manifest=self._manifest if with_manifest else None,
                    callbacks=[lambda event: _show(progress, event)],
                )
                result = runner.invoke([command, *arguments, *self._common_arguments()])
        _close_log_file()
        return result

    def _parse(self, runner: Any) -> Any:
        result = runner.invoke(["parse", *self._common_arguments()])
        _close_log_file()
        if not result.success:
            raise TransformError(f"The dbt project cannot be parsed: {result.exception}")
        return result.result

    def _common_arguments(self) -> list[str]:
        return [
            *("--project-dir", str(PROJECT_DIRECTORY), "--profiles-dir", str(PROJECT_DIRECTORY)),
            *("--target-path", str(self._output_directory / "target")),
            *("--log-path", str(self._output_directory / "logs"), "--vars", self._variables, "--quiet"),
        ]


def _show(progress: Progress, event: Any) -> None:
    """Follow dbt's own events (dbt.events.types): a node that starts tells how many there are, one that ends counts."""
    if event.info.name == "LogStartLine":
        progress.total = event.data.total
    elif event.info.name == "NodeFinished":
        progress.advance(1)


def _selection(select: Sequence[str]) -> list[str]:
    return ["--select", *select] if select else []


def _close_log_file() -> None:
    """Close what dbt leaves open: it drops its log file without closing it when the next command begins."""
    for handler in logging.getLogger("file_log").handlers:
        handler.close()


def _failure_text(command: str, result: Any, output_directory: Path) -> str:
    if result.exception is not None:
        return f"dbt {command} stopped: {result.exception}"
    failed = [
        f"{item.node.name}: {str(item.message or item.status).strip()}"
        for item in getattr(result.result, "results", [])
        if str(item.status) in {"error", "fail", "runtime error"}
    ]
    return f"dbt {command} failed in {len(failed)} place(s); the log is in {output_directory / 'logs'}.\n" + "\n".join(
        failed
    )


@contextmanager
def _environment_variables(variables: dict[str, str]) -> Iterator[None]:
    """Set the variables dbt/profiles.yml reads, for the length of one run only."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
