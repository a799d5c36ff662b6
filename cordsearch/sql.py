"""SQL lives in named ``.sql`` files beside the code that runs it; this module reads each once."""

from functools import cache
from pathlib import Path


@cache
def load_query(module_file: str, name: str) -> str:
    """Return the text of the SQL file ``name`` beside ``module_file`` (pass ``__file__``).

    ``name`` may hold a sub-folder: ``"sql/read_page.sql"``. Raises FileNotFoundError.
    """
    return (Path(module_file).parent / name).read_text(encoding="utf-8")
