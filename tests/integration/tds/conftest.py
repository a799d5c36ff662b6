"""Makes the TDS server's fixture known here."""

from tests.tds_server.fixtures import tds_server

__all__ = ["tds_server"]
