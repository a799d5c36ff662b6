"""What only the long-lived process does: resources open and close with it, and start-up leaves no garbage to walk."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

from cordsearch.settings import Settings
from service.app import create_app
from service.server import long_lived


@pytest.fixture
def thawed() -> Iterator[None]:
    thresholds = gc.get_threshold()
    yield
    gc.set_threshold(*thresholds)
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
async def test_start_up_is_kept_from_the_garbage_collector(catalogue_url: str, model_directory: Path) -> None:
    settings = Settings(data_directory=model_directory.parent, DATABASE_URL=catalogue_url, pool_size=1)
    app = long_lived(create_app(settings, catalogue_url), settings)
    before = gc.get_freeze_count()
    async with app.router.lifespan_context(app):
        assert gc.get_freeze_count() > before + 10_000
        assert gc.get_threshold()[0] > 5_000
        assert await app.state.service.pool.fetchval("select 1") == 1
    assert app.state.service.pool.is_closing()
