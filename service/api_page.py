"""``/docs``: the OpenAPI document to read and to try, from this service alone.

Stage: service, HTTP. Reads Swagger UI's files as the package ``fastapi-offline`` carries them (a new version with each
release of Swagger UI); writes nothing. Nothing of it is inline, and nothing comes from another host.
"""

import html
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from fastapi import FastAPI, Response
from fastapi.staticfiles import StaticFiles

from service.access.answer_headers import PAGE_POLICY

FILES: Final = "/docs/files"
# Swagger UI writes style attributes and its icons as data; scripts stay the files of this service.
POLICY: Final = PAGE_POLICY.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")

_DOCUMENT: Final = """<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>{title}</title>
  <link rel="icon" href="/icon.svg" type="image/svg+xml">
  <link rel="stylesheet" href="{files}/swagger-ui.css">
  <script defer src="{files}/swagger-ui-bundle.js"></script>
  <script defer src="/docs/start.js"></script>
</head>
<body><div id="swagger-ui"></div></body>
</html>
"""
_START: Final = """SwaggerUIBundle({
  url: "/openapi.json", dom_id: "#swagger-ui", deepLinking: true, validatorUrl: null, persistAuthorization: false
});
"""


def install_api_page(app: FastAPI) -> None:
    """Serve ``/docs``; the page at ``/`` takes every other address, so it comes later."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache"}
    document = _DOCUMENT.format(title=html.escape(app.title), files=FILES)

    async def page() -> Response:
        return Response(document, media_type="text/html", headers=headers)

    async def start() -> Response:
        return Response(_START, media_type="text/javascript", headers=headers)

    app.add_api_route("/docs", page, include_in_schema=False)
    app.add_api_route("/docs/start.js", start, include_in_schema=False)
    app.mount(FILES, StaticFiles(directory=_vendored_files()), name="swagger-ui")


def _vendored_files() -> Path:
    package = find_spec("fastapi_offline")  # not imported: it would bring its own application class
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).parent / "static"
