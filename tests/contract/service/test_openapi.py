"""The published interface changes only on purpose: the committed OpenAPI document is the record of it.

After a wanted change: ``UPDATE_SNAPSHOTS=1 pytest tests/contract/service/test_openapi.py`` and commit the file.
"""

import json
import os
from pathlib import Path

from cordsearch.settings import Settings
from service.app import create_app

SNAPSHOT = Path(__file__).parent / "openapi.json"


def test_openapi_is_the_committed_one() -> None:
    document = create_app(Settings(_env_file=None), "postgresql://nowhere/none").openapi()
    document["info"]["version"] = "any"
    text = json.dumps(document, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        SNAPSHOT.write_text(text, encoding="utf-8")
    assert json.loads(text) == json.loads(SNAPSHOT.read_text(encoding="utf-8"))
