"""Origins of the web in settings: ``https://shop.example, http://localhost:3000``. Pure."""

import re
from typing import Final

from cordsearch.errors import SettingsError

# scheme, host and port, nothing after them (RFC 6454, section 6.2)
_ORIGIN: Final = re.compile(r"https?://(?:[a-z0-9-]+(?:\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(?::\d{1,5})?")


def read_origins(name: str, text: str) -> tuple[str, ...]:
    """Return the origins of a setting, separated by commas. Raises SettingsError naming the setting."""
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    for origin in origins:
        if _ORIGIN.fullmatch(origin) is None:
            raise SettingsError(f"{name}: {origin!r} is no origin. One looks like https://shop.example, with no path.")
    return origins
