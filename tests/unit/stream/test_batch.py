"""A batch keeps order per partition, leaves out strangers and repeats, and survives any message."""

import pytest

from cordsearch.errors import CordSearchError
from ingest.stream.batch import Partition, decode_batch
from ingest.stream.decode import Message, MessageDecoder
from ingest.tables import TABLES_BY_NAME
from tests.debezium import Change, plain_row

ANALOGUE = TABLES_BY_NAME["ProductAnalogue"]
GOOD = Change(ANALOGUE, "c", None, plain_row(ANALOGUE, 1)).bare()
MINE, OTHER = Partition("cord.a", 0), Partition("cord.a", 1)


def message(offset: int, value: bytes | None = GOOD, partition: Partition = MINE) -> Message:
    return Message(partition.topic, partition.number, offset, None, value, 1)


def test_slices() -> None:
    messages = [message(5), message(6, None), message(8, b"poison"), message(6), message(9), message(3, GOOD, OTHER)]
    batch = decode_batch(messages, {MINE: 5}, MessageDecoder())
    assert list(batch) == [MINE]
    piece = batch[MINE]
    assert [row.message.offset for row in piece.rows] == [5, 9]
    assert [letter.message.offset for letter in piece.dead_letters] == [8]
    assert (piece.ignored, piece.position, piece.next_offset) == ([6], 5, 10)
    assert piece.newest_source_ts_ms is not None


def test_what_is_written_already_is_dropped() -> None:
    piece = decode_batch([message(5), message(6), message(7)], {MINE: 5}, MessageDecoder())[MINE]
    piece.drop_before(7)
    assert [row.message.offset for row in piece.rows] == [7]
    assert (piece.position, piece.next_offset) == (7, 8)
    piece.drop_before(20)
    assert (piece.rows, piece.next_offset) == ([], 20)


class Failing(MessageDecoder):
    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def decode(self, message: Message) -> None:  # type: ignore[override]  # noqa: ARG002
        raise self.error


def test_an_unforeseen_error_is_a_dead_letter_and_an_outage_is_not() -> None:
    piece = decode_batch([message(5)], {MINE: 5}, Failing(RuntimeError("bug")))[MINE]
    assert "bug" in piece.dead_letters[0].reason
    with pytest.raises(CordSearchError, match="away"):
        decode_batch([message(5)], {MINE: 5}, Failing(CordSearchError("away")))
