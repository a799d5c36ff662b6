"""Stage: BRONZE -> MARTS. Runs the dbt project in ``dbt/`` inside this process.

Reads schema ``bronze``; writes the views of ``staging_staging`` and the tables of ``staging_marts``.
Kept in the process because starting dbt costs seconds, and a parsed manifest is reused by later runs.
"""

import logging
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cordsearch.database import dbt_environment
from cordsearch.errors import CordSearchError

PROJECT_DIRECTORY = Path(__file__).resolve().parents[1] / "dbt"


class TransformError(CordSearchError):
    """A dbt model, test or the project itself failed."""


class Transform:
    """Runs dbt commands against one warehouse; the manifest is parsed once per object.

    Args:
        url: libpq URL of the warehouse.
        output_directory: where dbt keeps its manifest, compiled SQL and logs.
    """

    def __init__(self, url: str, output_directory: Path) -> None:
        self._environment = dbt_environment(url)
        self._output_directory = output_directory.resolve()
        self._manifest: Any = None

    def run(self, *, full_refresh: bool = False, select: Sequence[str] = ()) -> None:
        """Build the models (all, or those that the dbt selectors in ``select`` name). Raises TransformError."""
        self._invoke("run", [*(["--full-refresh"] if full_refresh else []), *_selection(select)])

    def test(self, select: Sequence[str] = ()) -> None:
        """Run data and unit tests. Raises TransformError naming each test that failed."""
        self._invoke("test", _selection(select))

    def check_freshness(self) -> None:
        """Compare the age of each bronze table with its limits. Raises TransformError past an error limit."""
        self._invoke("source", ["freshness"], with_manifest=False)

    def _invoke(self, command: str, arguments: Sequence[str], *, with_manifest: bool = True) -> None:
        # dbt takes half a second to import; commands that never transform should not pay for it.
        from dbt.cli.main import dbtRunner  # noqa: PLC0415

        if not PROJECT_DIRECTORY.is_dir():
            raise TransformError(
                f"The dbt project {PROJECT_DIRECTORY} is missing. Run cordsearch from a clone of the repository."
            )
        with _environment_variables(self._environment):
            if with_manifest and self._manifest is None:
                self._manifest = self._parse(dbtRunner())
            runner = dbtRunner(manifest=self._manifest if with_manifest else None)
            result = runner.invoke([command, *arguments, *self._common_arguments()])
        _close_log_file()
        if not result.success:
            raise TransformError(_failure_text(command, result, self._output_directory))

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
            *("--log-path", str(self._output_directory / "logs"), "--quiet"),
        ]


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
