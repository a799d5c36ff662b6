"""Schemathesis over the whole description of the interface, with every check it has, against a real process.

In the usual run few cases, always the same ones. ``make fuzz`` makes many, at random, and tries every bound of every
parameter.
"""

import os
import re
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
HOOKS = Path(__file__).with_name("schemathesis_hooks.py")
QUICK = ("--phases", "examples,fuzzing", "--max-examples", "5", "--generation-deterministic")
# A key is needed for everything, nobody has to wait, and a busy machine is no failure.
ENVIRONMENT = {
    "CORDSEARCH_METRICS_NETWORKS": "192.0.2.0/24",
    "CORDSEARCH_RATE_LIMIT_ADDRESS": "none",
    "CORDSEARCH_SERVICE_QUEUE_LENGTH": "1000",
    "CORDSEARCH_SEARCH_DEADLINE_MS": "10000",
    "CORDSEARCH_STATEMENT_TIMEOUT_MS": "10000",
}


def test_no_check_fails(catalogue: Catalogue, new_database: Callable[[str | None], str], tmp_path: Path) -> None:
    own = Catalogue(catalogue.source_url, new_database("catalogue"), catalogue.model_directory)
    create_tables(own.warehouse_url)
    key = create_key(own.warehouse_url, "schemathesis", SCOPES)
    how = ("--phases", "examples,coverage,fuzzing,stateful", "--max-examples", EXAMPLES) if EXAMPLES else QUICK
    with service_process(own, **ENVIRONMENT) as url:
        result = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{url}/openapi.json", "--checks", "all"),
                # Some of its requests leave the key out, or send a wrong one, and expect 401.
                *("--header", f"Authorization: Bearer {key.text}", "--workers", "2", "--continue-on-failure"),
                *("--suppress-health-check", "all", "--no-color", *how),
            ],
            cwd=tmp_path,
            env={**os.environ, "SCHEMATHESIS_HOOKS": str(HOOKS)},
            capture_output=True,
            text=True,
            check=False,
        )
    assert result.returncode == 0, result.stdout + result.stderr
    tested = re.search(r"Tested: (\d+)", result.stdout)
    assert tested, result.stdout
    assert int(tested[1]) >= 15
