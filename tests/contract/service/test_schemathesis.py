"""Schemathesis over the whole description of the interface, with every check it has.

A few cases per operation, always the same ones; ``make fuzz`` makes many, other ones each time.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from service.access.administration import create_key
from service.access.key import SCOPES
from service.tables import create_tables
from tests.catalogue import Catalogue
from tests.conftest import service_process

EXAMPLES = os.environ.get("CORDSEARCH_FUZZ_EXAMPLES")


def test_no_check_fails(catalogue: Catalogue, new_database: Callable[[str | None], str], tmp_path: Path) -> None:
    own = Catalogue(catalogue.source_url, new_database("catalogue"), catalogue.model_directory)
    # The phases: what the documents give as examples, the bounds of every parameter one by one, then at random.
    how = ["--phases", "examples,coverage,fuzzing", "--max-examples", "2", "--generation-deterministic"]
    if EXAMPLES:
        how = ["--max-examples", EXAMPLES]
    create_tables(own.warehouse_url)
    key = create_key(own.warehouse_url, "schemathesis", SCOPES)
    with service_process(
        own,
        CORDSEARCH_SEARCH_DEADLINE_MS="10000",
        CORDSEARCH_STATEMENT_TIMEOUT_MS="10000",
        CORDSEARCH_RATE_LIMIT_ADDRESS="none",
        CORDSEARCH_METRICS_NETWORKS="192.0.2.0/24",  # not from here without the key
    ) as url:
        result = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", "all"),
                *("--workers", "2", "--continue-on-failure", "--suppress-health-check", "all", "--no-color", *how),
                # Some of its requests leave the key out, or send a wrong one, and expect 401.
                *("--header", f"Authorization: Bearer {key.text}"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No issues found" in result.stdout or "passed" in result.stdout, result.stdout
