"""What every answer tells a browser to refuse, and which other sites may read it.

Stage: service, HTTP, ASGI. Strict-Transport-Security is left to the proxy that ends TLS (docs/security.md).
"""

from collections.abc import Sequence
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

# An answer of the API is data: shown as a document it may load and run nothing, nor be framed.
DATA_POLICY: Final = "default-src 'none'; frame-ancestors 'none'"
# The page: its own files, pictures in itself, and nothing inline.
PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


def page_policy(image_origins: Sequence[str]) -> str:
    """Return the policy of a page that also shows pictures from ``image_origins``."""
    return PAGE_POLICY.replace("img-src 'self' data:", " ".join(["img-src 'self' data:", *image_origins]))


POLICY_FIELD: Final = b"content-security-policy"
EVERYWHERE: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),  # browsers without frame-ancestors
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
# of an answer that no middleware sees any more
SECURITY_HEADERS: Final = {name.decode(): value.decode() for name, value in EVERYWHERE} | {
    POLICY_FIELD.decode(): DATA_POLICY
}
_NAMES: Final = frozenset(name for name, _ in EVERYWHERE)
_DATA_POLICY: Final = ((POLICY_FIELD, DATA_POLICY.encode()),)


class AnswerHeaders:
    """ASGI middleware: adds the security headers an answer does not already have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, with the headers."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message["headers"]
                names = [name for name, _ in headers]
                if not _NAMES.isdisjoint(names):
                    headers = [field for field in headers if field[0] not in _NAMES]
                policy = () if POLICY_FIELD in names else _DATA_POLICY
                message = {**message, "headers": [*headers, *EVERYWHERE, *policy]}
            await send(message)

        await self._app(scope, receive, send_with_headers)
