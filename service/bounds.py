"""Bounds that several parts of the interface share. Pure."""

from typing import Final

LARGEST_ID: Final = 2**53 - 1
"""The largest integer that every reader of JSON keeps exact (RFC 8259, section 6); no table has so many rows."""
