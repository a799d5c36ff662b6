"""What a call to the database may raise when it is away, slow or refuses: one list for everybody who catches it."""

from typing import Final

import asyncpg

# InternalClientError: what asyncpg says of a connection that the server closed while nobody used it.
DATABASE_FAILURES: Final = (
    OSError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    TimeoutError,
)
