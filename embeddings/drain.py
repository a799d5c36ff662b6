"""Work through the queue of one version: claim, prepare, write, batch by batch.

Stage: embeddings. Reads and writes through ``embeddings.queue`` and ``embeddings.batch``.

Any number of workers do this at once. Every batch is committed by itself: a worker that is killed loses one batch, and
the others take it up.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from time import monotonic, sleep
from typing import Any

from psycopg import Connection

from cordsearch.database import connect
from cordsearch.progress import Progress
from embeddings.batch import PendingProduct, PreparedBatch, Version, prepare_batch, write_batch
from embeddings.encoder import Encoder
from embeddings.queue import Claim, WorkQueue

_BEFORE_ALL = -(2**63)
# A batch is a burst: at 1 ms per HNSW insert it keeps a processor busy for a quarter of a second.
_THROTTLED_BATCH = 250
_WORTH_SHARING = 200  # products: from here on a second pair of connections is opened in less time than it saves
_SHARES = 4  # batches that two workers share what is left in: both end at about the same time


@dataclass(frozen=True)
class Pace:
    """How fast to work. ``rest``: pause after each batch, in multiples of the batch's own time; 0 is full speed."""

    batch_size: int
    rest: float = 0.0

    @property
    def claimed_at_once(self) -> int:
        """Products of a batch; small ones when there are pauses, so that no search waits for a long burst."""
        return min(self.batch_size, _THROTTLED_BATCH) if self.rest else self.batch_size


@dataclass
class Drained:
    """What one worker did. ``changed`` holds the first products it saw, up to the number asked for."""

    written: int = 0
    encoded_texts: int = 0
    restored_texts: int = 0
    failed: int = 0
    changed: list[PendingProduct] = field(default_factory=list)

    def add(self, other: "Drained") -> None:
        """Add what another worker did."""
        self.written += other.written
        self.encoded_texts += other.encoded_texts
        self.restored_texts += other.restored_texts
        self.failed += other.failed
        self.changed.extend(other.changed)

    def prepared(self, batch: PreparedBatch, most_changed: int) -> None:
        """Count a batch."""
        self.encoded_texts += len(batch.new_hashes)
        self.restored_texts += batch.restored
        self.failed += len(batch.failed)
        if len(self.changed) <= most_changed:
            self.changed.extend(batch.products)


class Worker:
    """One worker on one version. ``reader`` and ``writer`` are connections of its own."""

    def __init__(
        self, reader: Connection[Any], writer: Connection[Any], encoder: Encoder, pace: Pace, *, is_active: bool
    ) -> None:
        self.queue = WorkQueue(reader, encoder.model_id)
        self._reader = reader
        self._writer = writer
        self._encoder = encoder
        self._pace = pace
        self._version = Version(encoder.model_id, is_active, self.queue.worker)

    def drain(self, total: int, most_changed: int = 0) -> Drained:
        """Work until nothing is free to claim; ``total`` is for the display of progress.

        Raises:
            ModelError: the model encodes nothing at all.
        """
        with Progress("vectors and documents", total=total, unit="products") as progress:
            return self._drain(most_changed, progress)

    def _drain(self, most_changed: int, progress: Progress) -> Drained:
        done = Drained()
        work = self._one_after_another if self._pace.rest else self._overlapping
        work(done, most_changed, progress)
        self.queue.release()
        return done

    def drain_shared(self, warehouse_url: str, total: int, most_changed: int = 0) -> Drained:
        """The same, with a second worker beside this one when there is enough to share.

        An insert into the HNSW index keeps one processor busy, and two connections insert side by side.
        Raises as :meth:`drain`.
        """
        if total < _WORTH_SHARING or self._pace.rest:
            return self.drain(total, most_changed)
        self._pace = Pace(min(self._pace.batch_size, -(-total // _SHARES)))
        with (
            connect(warehouse_url, autocommit=True) as reader,
            connect(warehouse_url, autocommit=True) as writer,
            Progress("vectors and documents", total=total, unit="products") as progress,
            ThreadPoolExecutor(max_workers=1) as thread,
        ):
            second = Worker(reader, writer, self._encoder, self._pace, is_active=self._version.is_active)
            others = thread.submit(second._drain, most_changed, progress)
            done = self._drain(most_changed, progress)
            done.add(others.result())
        return done

    def _overlapping(self, done: Drained, most_changed: int, progress: Progress) -> None:
        """Prepare one batch while the one before is being written."""
        writing: Future[int] | None = None
        being_stored: frozenset[str] = frozenset()
        with ThreadPoolExecutor(max_workers=1) as thread:
            for claims in self._claims():
                batch = prepare_batch(self._reader, self._encoder, self._version, claims, being_stored)
                being_stored = batch.new_hashes
                done.prepared(batch, most_changed)
                done.written += writing.result() if writing is not None else 0
                writing = thread.submit(write_batch, self._writer, self._version, batch)
                progress.advance(len(claims))
            done.written += writing.result() if writing is not None else 0

    def _one_after_another(self, done: Drained, most_changed: int, progress: Progress) -> None:
        """Leave the processors to the searches between batches, in proportion to what a batch took."""
        for claims in self._claims():
            started = monotonic()
            batch = prepare_batch(self._reader, self._encoder, self._version, claims)
            done.prepared(batch, most_changed)
            done.written += write_batch(self._writer, self._version, batch)
            progress.advance(len(claims))
            sleep((monotonic() - started) * self._pace.rest)

    def _claims(self) -> Iterator[list[Claim]]:
        """Claim batches until a whole pass over the queue finds nothing free."""
        after, found = _BEFORE_ALL, False
        while True:
            claims = self.queue.claim(self._pace.claimed_at_once, after)
            if claims:
                yield claims
                after, found = claims[-1].product_id, True
            elif found:
                after, found = _BEFORE_ALL, False
            else:
                return
