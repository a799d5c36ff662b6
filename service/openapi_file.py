"""Writes the description of the interface to the file that is committed: ``python -m service.openapi_file``.

Stage: service, by hand (``make openapi``). Reads the routes; writes ``docs/openapi.json``. Opens no database.
"""

from pathlib import Path
from typing import Final

from cordsearch.settings import Settings
from service.answers.openapi import committed_form
from service.app import create_app

COMMITTED: Final = Path(__file__).parents[1] / "docs" / "openapi.json"


def current_document() -> str:
    """Return the description of the interface as it would be committed now."""
    return committed_form(create_app(Settings(_env_file=None), "postgresql://nowhere/none"))


if __name__ == "__main__":
    COMMITTED.write_text(current_document(), encoding="utf-8")
