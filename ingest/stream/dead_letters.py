"""Stage: KAFKA -> BRONZE, what could not be read. Reads bronze.dead_letter; replay writes bronze.<table>_cdc.

A dead letter keeps its place (topic, partition, offset), so a replayed one lands where it would have been: staging
orders by source position, newer changes of the same row stay newer. Needs no Kafka, and no registry unless it is Avro.
"""

import time
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import psycopg
from psycopg import sql

from cordsearch.database import connect
from cordsearch.errors import CordSearchError
from cordsearch.sql import load_query
from ingest.stream.decode import AvroReader, Event, Message, MessageDecoder
from ingest.stream.lag import read_lag
from ingest.stream.layout import UndecodableError
from ingest.stream.store import copy_line, insert_missing
from ingest.tables import TABLES
from ingest.warehouse_session import Connection

_PAGE = 500
_SHOWN_BYTES = 200


@dataclass(frozen=True, slots=True)
class StoredDeadLetter:
    """One parked message; ``replayed_at`` is None while it waits."""

    dead_letter_id: int
    message: Message
    reason: str
    tries: int
    created_at: datetime
    replayed_at: datetime | None

    @property
    def excerpt(self) -> str:
        """The beginning of the value, for a person."""
        return (self.message.value or b"")[:_SHOWN_BYTES].decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """What a replay came to: letters that became rows (or proved to be none), and those still refused."""

    replayed: int
    refused: int

    def __str__(self) -> str:
        return f"{self.replayed:,} dead letters replayed, {self.refused:,} still refused."


def list_dead_letters(
    warehouse_url: str, *, topic: str | None = None, limit: int = 100, include_replayed: bool = False
) -> list[StoredDeadLetter]:
    """Return parked messages, oldest first; empty when the stream never ran. Raises DatabaseUnavailableError."""
    with connect(warehouse_url, autocommit=True) as connection:
        return _page(connection, None, topic, 0, limit, replayed=include_replayed)


def replay_dead_letters(
    warehouse_url: str,
    *,
    ids: Collection[int] | None = None,
    topic: str | None = None,
    avro: AvroReader | None = None,
) -> ReplayReport:
    """Decode parked messages again and write those that can be read now; each is one transaction.

    Done after a fix of the connector's settings, of the registry or of this program. ``ids`` and ``topic`` choose
    letters, together; without either all are tried. Raises DatabaseUnavailableError, and what ``avro`` raises.
    """
    decoder, replayed, refused, after = MessageDecoder(avro), 0, 0, 0
    wanted = None if ids is None else sorted(ids)
    with connect(warehouse_url, autocommit=True) as connection:
        while letters := _page(connection, wanted, topic, after, _PAGE, replayed=False):
            for letter in letters:
                done = _replay(connection, letter, decoder)
                replayed, refused = replayed + done, refused + (not done)
            after = letters[-1].dead_letter_id
    return ReplayReport(replayed, refused)


def forget_topic(warehouse_url: str, topic: str) -> str:
    """Let a topic that was deleted and made anew be read from its start; return the name its old rows get.

    Its rows stay in bronze under that name, so that equal offsets of the new topic are not taken for duplicates.
    Raises CordSearchError: the stream never read such a topic.
    """
    suffix = f"@{int(time.time())}"
    values = {"topic": topic, "suffix": suffix}
    known = sorted({part.topic for part in read_lag(warehouse_url)})
    if topic not in known:
        raise CordSearchError(f"The stream never read a topic {topic}. It knows {', '.join(known) or 'none'}.")
    with connect(warehouse_url) as connection:
        statement = sql.SQL(load_query(__file__, "sql/forget_topic.sql"))
        for table in TABLES:
            connection.execute(statement.format(table=sql.Identifier(table.bronze_table)), values)
        connection.execute(load_query(__file__, "sql/forget_dead_letters.sql"), values)
        connection.execute(load_query(__file__, "sql/forget_offsets.sql"), values)
    return topic + suffix


def _page(
    connection: Connection, ids: list[int] | None, topic: str | None, after: int, limit: int, *, replayed: bool
) -> list[StoredDeadLetter]:
    values = {"ids": ids, "topic": topic, "after": after, "limit": limit, "replayed": replayed}
    try:
        rows = connection.execute(load_query(__file__, "sql/list_dead_letters.sql"), values).fetchall()
    except (psycopg.errors.UndefinedTable, psycopg.errors.InvalidSchemaName):
        return []
    return [StoredDeadLetter(row[0], Message(*row[1:7]), *row[7:]) for row in rows]


def _replay(connection: Connection, letter: StoredDeadLetter, decoder: MessageDecoder) -> bool:
    """Return whether the letter is settled."""
    reason: str | None = None
    with connection.transaction():
        try:
            decoded = decoder.decode(letter.message)
            if isinstance(decoded, Event):
                with connection.transaction():
                    insert_missing(connection, decoded.table, [copy_line(letter.message, decoded)])
        except UndecodableError as error:
            reason = str(error)
        except psycopg.DataError as error:
            reason = f"refused by PostgreSQL: {str(error).partition(chr(10))[0]}"
        values = {"dead_letter_id": letter.dead_letter_id, "reason": reason}
        connection.execute(load_query(__file__, "sql/settle_dead_letter.sql"), values)
    return reason is None
