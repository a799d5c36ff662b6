"""Stage: KAFKA -> BRONZE, a micro-batch in memory. Pure: reads messages, returns them decoded per partition; no I/O."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from cordsearch.errors import CordSearchError
from ingest.stream.decode import Event, Ignored, Message, MessageDecoder
from ingest.stream.layout import UndecodableError


class Partition(NamedTuple):
    """One partition of one topic."""

    topic: str
    number: int


class Row(NamedTuple):
    """One decoded message."""

    message: Message
    event: Event


class DeadLetter(NamedTuple):
    """One message that could not be decoded, or that PostgreSQL refused, and why."""

    message: Message
    reason: str


@dataclass(slots=True)
class Slice:
    """What a batch holds of one partition, in offset order; ``position`` is where the reader believed to be."""

    position: int
    next_offset: int
    end_offset: int | None = None
    rows: list[Row] = field(default_factory=list)
    dead_letters: list[DeadLetter] = field(default_factory=list)
    ignored: list[int] = field(default_factory=list)
    heartbeat_ts_ms: int | None = None

    def drop_before(self, offset: int) -> None:
        """Forget what another transaction has written already."""
        if offset > self.position:
            self.rows = [row for row in self.rows if row.message.offset >= offset]
            self.dead_letters = [letter for letter in self.dead_letters if letter.message.offset >= offset]
            self.ignored = [ignored for ignored in self.ignored if ignored >= offset]
            self.position = offset
        self.next_offset = max(self.next_offset, offset)

    @property
    def newest_source_ts_ms(self) -> int | None:
        """The newest source time among the rows, or when the newest heartbeat was sent; milliseconds since 1970."""
        moments = [row.event.source_ts_ms for row in self.rows]
        if self.heartbeat_ts_ms is not None:
            moments.append(self.heartbeat_ts_ms)
        return max(moments, default=None)


def decode_batch(
    messages: Iterable[Message], positions: Mapping[Partition, int], decoder: MessageDecoder
) -> dict[Partition, Slice]:
    """Decode ``messages``; what cannot be decoded becomes a dead letter of its partition.

    ``positions`` holds the next offset of each partition this consumer owns; messages of others are left out.
    Raises CordSearchError when nothing can be decoded for now (Schema Registry does not answer).
    """
    batch: dict[Partition, Slice] = {}
    for message in messages:
        partition = Partition(message.topic, message.partition)
        piece = batch.get(partition)
        if piece is None:
            position = positions.get(partition)
            if position is None:
                continue  # revoked while it was being fetched
            piece = batch[partition] = Slice(position, position)
        if message.offset >= piece.next_offset:  # else fetched before a rebalance and again after it
            piece.next_offset = message.offset + 1
            _add(piece, message, decoder)
    return batch


def _add(piece: Slice, message: Message, decoder: MessageDecoder) -> None:
    try:
        decoded = decoder.decode(message)
    except UndecodableError as error:
        piece.dead_letters.append(DeadLetter(message, str(error)))
    except CordSearchError:
        raise
    except Exception as error:  # noqa: BLE001 - one message, whatever it holds, must not stop the stream
        piece.dead_letters.append(DeadLetter(message, f"unforeseen: {error!r}"))
    else:
        if isinstance(decoded, Ignored):
            piece.ignored.append(message.offset)
            if decoded is Ignored.HEARTBEAT:
                piece.heartbeat_ts_ms = max(piece.heartbeat_ts_ms or 0, message.timestamp_ms)
        else:
            piece.rows.append(Row(message, decoded))
