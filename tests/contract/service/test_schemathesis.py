"""Schemathesis over the whole description of the interface, with every check it has.

A few cases per operation, always the same ones; ``make fuzz`` makes many, other ones each time.
"""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.catalogue import Catalogue
from tests.conftest import service_process

EXAMPLES = os.environ.get("CORDSEARCH_FUZZ_EXAMPLES")


def test_no_check_fails(catalogue: Catalogue, new_database: Callable[[str | None], str], tmp_path: Path) -> None:
    own = Catalogue(catalogue.source_url, new_database("catalogue"), catalogue.model_directory)
    # The phases: what the documents give as examples, the bounds of every parameter one by one, then at random.
    how = ["--phases", "examples,coverage,fuzzing", "--max-examples", "2", "--generation-deterministic"]
    if EXAMPLES:
        how = ["--max-examples", EXAMPLES]
    with service_process(own, CORDSEARCH_SEARCH_DEADLINE_MS="10000", CORDSEARCH_STATEMENT_TIMEOUT_MS="10000") as url:
        result = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", "all"),
                *("--workers", "2", "--continue-on-failure", "--suppress-health-check", "all", "--no-color", *how),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No issues found" in result.stdout or "passed" in result.stdout, result.stdout
