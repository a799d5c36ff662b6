"""Fixtures of the worker's tests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.catalogue import Catalogue
from tests.worker import Site


@pytest.fixture
def site(catalogue: Catalogue, catalogue_source: str, catalogue_database: str, tmp_path: Path) -> Iterator[Site]:
    made = Site(catalogue_source, catalogue_database, catalogue.model_directory.parent, tmp_path)
    yield made
    for worker in made.workers:
        if worker.process.poll() is None:
            worker.kill()
