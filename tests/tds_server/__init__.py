"""A small TDS 7.2-7.4 server for tests: stands where SQL Server would, answers from a PostgreSQL database.

Written after the public specification [MS-TDS]
(https://learn.microsoft.com/openspecs/windows_protocols/ms-tds); section numbers in the docstrings are its own.
"""

from tests.tds_server.errors import SqlError
from tests.tds_server.faults import Fault
from tests.tds_server.server import Statement, TdsServer
from tests.tds_server.wire_types import WireType

__all__ = ["Fault", "SqlError", "Statement", "TdsServer", "WireType"]
