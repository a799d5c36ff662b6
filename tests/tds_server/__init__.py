"""A small TDS 7.2-7.4 server for tests: stands where SQL Server would, answers from a PostgreSQL database.

Written after the public specification [MS-TDS]
(https://learn.microsoft.com/openspecs/windows_protocols/ms-tds); section numbers in the docstrings are its own.

What the client side sends here, seen with pymssql 2.4 (FreeTDS 1.5) and SQLAlchemy 2.1: PRELOGIN, LOGIN7 (TDS 7.4,
packets of 4,096 bytes), then SQL batches only, parameters already written into the text: ten SET options,
``use [database]``, ``BEGIN TRAN``; from SQLAlchemy ``select @@version``, ``SELECT schema_name()``, the isolation
level from sys.dm_exec_sessions, two probes of features; ROLLBACK or COMMIT TRAN, each followed by BEGIN TRAN.
RPC comes from ``cursor.callproc`` alone, an attention from a cancelled or timed-out result, and no
transaction manager request at all.
"""

from tests.tds_server.errors import SqlError
from tests.tds_server.faults import Fault
from tests.tds_server.server import Statement, TdsServer
from tests.tds_server.wire_types import WireType

__all__ = ["Fault", "SqlError", "Statement", "TdsServer", "WireType"]
