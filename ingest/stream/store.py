"""Stage: KAFKA -> BRONZE, the writing. Writes bronze.<table>_cdc, bronze.stream_offset and bronze.dead_letter.

One batch is one transaction: the partitions' offsets are locked, rows and dead letters are written, the offsets
move. What PostgreSQL says about a partition decides what of the batch is new; so a crash between COPY and commit,
a second consumer or a replay has no effect on the rows. Offsets that were reset on purpose (a replay from the
start) meet the unique key (topic, partition, offset): such a batch goes through a temporary table instead.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import psycopg
from psycopg import sql

from cordsearch.sql import load_query
from ingest.bronze import BronzeWriter
from ingest.stream.batch import DeadLetter, Partition, Row, Slice
from ingest.stream.decode import Event, Message
from ingest.tables import TABLES, SourceTable
from ingest.warehouse_session import Connection, WarehouseSession

_COLUMNS = 'row_key, commit_lsn, change_lsn, event_serial_no, source_ts_ms, topic, "partition", "offset", payload'


@dataclass(frozen=True, slots=True)
class Written:
    """What a batch came to: rows and dead letters written, and where each partition stands now."""

    rows: int
    dead_letters: int
    positions: dict[Partition, int]


class StreamStore(WarehouseSession):
    """Writes batches, each with the offsets it moves; dropped by :meth:`close` after a failure."""

    parameters: ClassVar[tuple[str, ...]] = (*WarehouseSession.parameters, "set lock_timeout = '60s'")

    def __init__(self, warehouse_url: str) -> None:
        super().__init__(warehouse_url)
        self._replaying: set[Partition] = set()

    def create_tables(self) -> None:
        """Create the bronze tables and the bookkeeping of the stream, where missing. Raises WarehouseError."""
        with BronzeWriter(self.url) as writer:
            writer.create_tables(TABLES)
        with self.open().transaction():
            self.open().execute("select pg_advisory_xact_lock(hashtext('cordsearch.bronze'))")
            self.open().execute("set local client_min_messages = warning")
            self.open().execute(load_query(__file__, "sql/create_stream.sql"))

    def positions(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Return the next offset of each partition that was read before."""
        rows = self.open().execute(load_query(__file__, "sql/read_offsets.sql"), _keys(list(partitions))).fetchall()
        return {Partition(topic, number): offset for topic, number, offset in rows}

    def record_lost(self, partition: Partition, next_offset: int, lost: int) -> None:
        """Move past messages the broker no longer has."""
        values = {"topic": partition.topic, "partition": partition.number, "next_offset": next_offset, "lost": lost}
        self.open().execute(load_query(__file__, "sql/record_lost.sql"), values)

    def record_ends(self, ends: Mapping[Partition, int]) -> None:
        """Note where the log of each partition ends, for the lag."""
        if ends:
            values = _keys(list(ends)) | {"end_offsets": list(ends.values())}
            self.open().execute(load_query(__file__, "sql/record_ends.sql"), values)

    def write(self, batch: dict[Partition, Slice]) -> Written:
        """Write a batch and return where its partitions stand. What is stored already is left out.

        A partition whose stored offset is behind the batch (someone reset it) gets nothing written; its stored
        offset is returned and the caller reads again from there. Raises psycopg.Error: nothing was written.
        """
        try:
            return self._write(batch, {part for part in batch if part in self._replaying})
        except psycopg.errors.UniqueViolation:
            self._replaying |= batch.keys()
            return self._write(batch, set(batch))
        except psycopg.DataError:
            return self._write(batch, set(batch), row_by_row=True)

    def _write(self, batch: dict[Partition, Slice], replaying: set[Partition], *, row_by_row: bool = False) -> Written:
        with self.open().transaction():
            stored = self._lock(batch)
            slices = {}
            for partition, piece in batch.items():
                if stored[partition] >= piece.position:
                    piece.drop_before(stored[partition])
                    slices[partition] = piece
            rows = [row for piece in slices.values() for row in piece.rows]
            refused: list[DeadLetter] = []
            if row_by_row:
                refused = self._insert_singly(rows)
            elif replaying:
                known = self._insert(rows)
                self._replaying -= batch.keys() if known == 0 else set()
            else:
                self._copy(rows)
            for letter in refused:
                message = letter.message
                piece = slices[Partition(message.topic, message.partition)]
                piece.rows = [row for row in piece.rows if row.message.offset != message.offset]
                piece.dead_letters.append(letter)
            self._write_dead_letters(letter for piece in slices.values() for letter in piece.dead_letters)
            self._advance(slices)
        return Written(
            rows=sum(len(piece.rows) for piece in slices.values()),
            dead_letters=sum(len(piece.dead_letters) for piece in slices.values()),
            positions=stored | {partition: piece.next_offset for partition, piece in slices.items()},
        )

    def _lock(self, batch: Mapping[Partition, Slice]) -> dict[Partition, int]:
        values = _keys(list(batch)) | {"positions": [piece.position for piece in batch.values()]}
        rows = self.open().execute(load_query(__file__, "sql/lock_offsets.sql"), values).fetchall()
        return {Partition(topic, number): offset for topic, number, offset in rows}

    def _advance(self, slices: Mapping[Partition, Slice]) -> None:
        pieces = list(slices.values())
        values = _keys(list(slices)) | {
            "next_offsets": [piece.next_offset for piece in pieces],
            "end_offsets": [piece.end_offset for piece in pieces],
            "events": [len(piece.rows) for piece in pieces],
            "ignored": [len(piece.ignored) for piece in pieces],
            "dead_letters": [len(piece.dead_letters) for piece in pieces],
            "newest_source_ts_ms": [piece.newest_source_ts_ms for piece in pieces],
        }
        self.open().execute(load_query(__file__, "sql/advance_offsets.sql"), values)

    def _copy(self, rows: Sequence[Row]) -> None:
        for table, lines in _lines_by_table(rows).items():
            with self.open().cursor() as cursor:
                _copy_into(cursor, sql.Identifier("bronze", table.bronze_table), b"".join(lines))

    def _insert(self, rows: Sequence[Row]) -> int:
        """Insert rows that bronze may have; return how many it had."""
        known = 0
        for table, lines in _lines_by_table(rows).items():
            known += len(lines) - insert_missing(self.open(), table, lines)
        return known

    def _insert_singly(self, rows: Sequence[Row]) -> list[DeadLetter]:
        """PostgreSQL refused a value that the decoder let through: find the rows, keep the others."""
        refused = []
        for row in rows:
            try:
                with self.open().transaction():
                    insert_missing(self.open(), row.event.table, [copy_line(row.message, row.event)])
            except psycopg.DataError as error:
                refused.append(DeadLetter(row.message, f"refused by PostgreSQL: {str(error).partition(chr(10))[0]}"))
        return refused

    def _write_dead_letters(self, letters: Iterable[DeadLetter]) -> None:
        values = [
            {
                "topic": message.topic, "partition": message.partition, "offset": message.offset, "key": message.key,
                "value": message.value, "message_ts_ms": message.timestamp_ms, "reason": reason,
            }
            for message, reason in letters
        ]  # fmt: skip
        if values:
            with self.open().cursor() as cursor:
                cursor.executemany(load_query(__file__, "sql/insert_dead_letters.sql"), values)


def insert_missing(connection: Connection, table: SourceTable, lines: Sequence[bytes]) -> int:
    """Insert COPY lines unless bronze has them, inside the caller's transaction; return how many were new."""
    with connection.cursor() as cursor:
        cursor.execute("drop table if exists pg_temp.incoming_event")
        cursor.execute(load_query(__file__, "sql/create_incoming.sql"))
        _copy_into(cursor, sql.Identifier("incoming_event"), b"".join(lines))
        statement = sql.SQL(load_query(__file__, "sql/insert_incoming.sql"))
        cursor.execute(statement.format(table=sql.Identifier(table.bronze_table)))
        return cursor.rowcount


def copy_line(message: Message, event: Event) -> bytes:
    """Return one row in COPY's text format, columns as in the bronze tables."""
    # a backslash is COPY's escape; JSON holds no raw tab or newline, a topic name neither
    return b"%d\t%b\t%b\t%b\t%d\t%b\t%d\t%d\t%b\n" % (
        event.row_key,
        event.commit_lsn.encode() if event.commit_lsn else b"\\N",
        event.change_lsn.encode() if event.change_lsn else b"\\N",
        b"\\N" if event.event_serial_no is None else b"%d" % event.event_serial_no,
        event.source_ts_ms,
        message.topic.encode(),
        message.partition,
        message.offset,
        event.payload.replace(b"\\", b"\\\\"),
    )


def _lines_by_table(rows: Sequence[Row]) -> dict[SourceTable, list[bytes]]:
    lines: dict[str, list[bytes]] = {}
    tables: dict[str, SourceTable] = {}
    for message, event in rows:
        lines.setdefault(event.table.name, []).append(copy_line(message, event))
        tables[event.table.name] = event.table
    return {tables[name]: lines[name] for name in sorted(lines)}


def _copy_into(cursor: psycopg.Cursor[Any], target: sql.Identifier, text: bytes) -> None:
    with cursor.copy(sql.SQL("copy {} ({}) from stdin").format(target, sql.SQL(_COLUMNS))) as copy:
        copy.write(text)


def _keys(partitions: Sequence[Partition]) -> dict[str, list[Any]]:
    return {"topics": [part.topic for part in partitions], "partitions": [part.number for part in partitions]}
