"""The search page: one document and its static files, beside the API.

Stage: service, HTTP. Reads ``service/web``; writes nothing.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles
from starlette.routing import Match, Mount
from starlette.types import Scope

from service.access.answer_headers import page_policy
from service.access.origins import read_origins

PAGE: Final = Path(__file__).parent / "web"
_HEADERS: Final = {
    # Browsers ask each time and get 304 by ETag: a new version is on every screen at once.
    "Cache-Control": "no-cache",
}


_IMAGE_ORIGINS: Final = b'<meta name="image-origins" content="%s">'


class _PageFiles(StaticFiles):
    """Static files with the headers of a page that trusts only its own origin, and pictures of those it is told."""

    def __init__(self, directory: Path, image_origins: Sequence[str]) -> None:
        super().__init__(directory=directory, html=True)
        self._image_origins = " ".join(image_origins)
        self._headers = _HEADERS | {"Content-Security-Policy": page_policy(image_origins)}

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Any, status_code: int = 200
    ) -> Response:
        """Return the file, or 304 if the browser has it."""
        if self._image_origins and str(full_path).endswith(".html"):
            document = Path(full_path).read_bytes()
            told = _IMAGE_ORIGINS % self._image_origins.encode()
            return Response(document.replace(_IMAGE_ORIGINS % b"", told), status_code, self._headers, "text/html")
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(self._headers)
        return response


class _Page(Mount):
    """The files of the page and no other address: what the API knows by another method stays a 405 of the API."""

    def __init__(self, directory: Path, image_origins: Sequence[str]) -> None:
        super().__init__("/", _PageFiles(directory, image_origins), name="page")
        files = [file.relative_to(directory) for file in directory.rglob("*") if file.is_file()]
        folders = [file.parent for file in files if file.name == "index.html"]
        self._addresses = {"/", *(f"/{each}" for each in files), *(f"/{each}/" for each in folders)}

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match an address of a file."""
        address = scope.get("path", "").removeprefix(scope.get("root_path", ""))
        return super().matches(scope) if address in self._addresses else (Match.NONE, {})


def install_page(app: FastAPI, image_origins: str = "") -> None:
    """Serve the page at ``/`` with its files beside it; it shows pictures from the origins, separated by commas.

    Raises:
        SettingsError: what should be an origin is none.
    """
    app.router.routes.append(_Page(PAGE, read_origins("CORDSEARCH_IMAGE_ORIGINS", image_origins)))
