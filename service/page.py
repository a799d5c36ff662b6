"""The search page: one document and its static files, beside the API.

Stage: service, HTTP. Reads ``service/web``; writes nothing.
"""

import os
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles

PAGE: Final = Path(__file__).parent / "web"
_HEADERS: Final = {
    # Browsers ask each time and get 304 by ETag: a new version is on every screen at once.
    "Cache-Control": "no-cache",
    "Content-Security-Policy": "default-src 'self'",
    "X-Content-Type-Options": "nosniff",
}


class _PageFiles(StaticFiles):
    """Static files with the headers of a page that trusts only its own origin."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Any, status_code: int = 200
    ) -> Response:
        """Return the file, or 304 if the browser has it."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(_HEADERS)
        return response


def install_page(app: FastAPI) -> None:
    """Serve the page at ``/`` with its files beside it; the routes of the API must be there already."""
    app.mount("/", _PageFiles(directory=PAGE, html=True), name="page")
