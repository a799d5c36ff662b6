"""What the bookkeeping of loader and stream says about each source table. Pure: rows in, states out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

# These methods name every row that is gone; the others find what was deleted for good only by comparing keys.
_METHODS_THAT_FIND_DELETES = frozenset({"change_tracking", "full_diff"})

HEARTBEAT_PREFIX = "__debezium-heartbeat."  # Debezium's default topic.heartbeat.prefix, then the topic.prefix


@dataclass(frozen=True, slots=True)
class DirectTable:
    """One table of the direct loader; ``newest_source_at``: the begin of the last completed pass once there was one."""

    table_name: str
    source_name: str
    method: str
    complete: bool
    row_count: int
    refused_count: int
    snapshot_started_at: datetime
    snapshot_completed_at: datetime | None
    newest_source_at: datetime | None
    caught_up_at: datetime | None
    reconciled_at: datetime | None


@dataclass(frozen=True, slots=True)
class StreamPartition:
    """One partition of a topic; ``behind``: messages of the broker that bronze lacks, None before the first look.

    ``newest_source_at``: when the newest change was committed; in a topic of heartbeats, when the newest was sent.
    """

    topic: str
    behind: int | None
    newest_source_at: datetime | None
    updated_at: datetime
    event_count: int
    lost_count: int


@dataclass(frozen=True, slots=True)
class Look:
    """A completed look at a table: what was committed before ``began_at`` was in bronze at ``finished_at``."""

    finished_at: datetime
    began_at: datetime
    finds_changes: bool
    finds_deletes: bool


@dataclass(frozen=True, slots=True)
class TableState:
    """One source table. ``looked_at``: all that was committed before it is in bronze; None when nobody knows."""

    table_name: str
    source_name: str
    method: str
    complete: bool
    row_count: int
    refused_count: int
    newest_change_at: datetime | None
    looked_at: datetime | None
    rows_behind: int | None


def direct_state(table: DirectTable) -> TableState:
    """Return the state of a table the direct loader follows.

    A snapshot stands for the moment it began: a row read early may have changed before the last one was read.
    ``newest_change_at`` is known for a table that was never followed only: afterwards the bookkeeping holds looks.
    """
    looks = [look.began_at for look in looks_of(table) if look.finds_changes]
    return TableState(
        table_name=table.table_name,
        source_name=table.source_name,
        method=table.method,
        complete=table.complete,
        row_count=table.row_count,
        refused_count=table.refused_count,
        newest_change_at=table.newest_source_at if table.caught_up_at is None else None,
        looked_at=max(looks, default=None),
        rows_behind=0 if table.caught_up_at is not None else None,
    )


def looks_of(table: DirectTable) -> list[Look]:
    """Return the completed looks the bookkeeping of a table tells of, the snapshot first."""
    looks = []
    if table.complete and table.snapshot_completed_at is not None:
        looks.append(
            Look(table.snapshot_completed_at, table.snapshot_started_at, finds_changes=True, finds_deletes=True)
        )
    if table.caught_up_at is not None and table.newest_source_at is not None:
        finds_deletes = table.method in _METHODS_THAT_FIND_DELETES or table.reconciled_at == table.caught_up_at
        looks.append(Look(table.caught_up_at, table.newest_source_at, finds_changes=True, finds_deletes=finds_deletes))
    if table.reconciled_at is not None and table.reconciled_at != table.caught_up_at:
        # when it began is not written down; it ended seconds later, in a bound that counts hours
        looks.append(Look(table.reconciled_at, table.reconciled_at, finds_changes=False, finds_deletes=True))
    return looks


def stream_state(
    table_name: str, source_name: str, partitions: Sequence[StreamPartition], heartbeat_at: datetime | None = None
) -> TableState:
    """Return the state of a table the stream follows, from all its partitions (at least one).

    A partition that is read to its end stands for the moment it was seen so; one that is not, for its newest change.
    The slowest partition speaks for the table. A connector that has stopped leaves topics that are read to their end:
    where its heartbeats are read, the newest one (or a newer change) is as far as the topics can be trusted.
    """
    changes = [part.newest_source_at for part in partitions if part.newest_source_at is not None]
    alive_at = max([heartbeat_at, *changes]) if heartbeat_at is not None else None
    behind = [partition.behind for partition in partitions]
    known = [number for number in behind if number is not None]
    moments = [
        _earlier(partition.updated_at, alive_at)
        if partition.behind is not None and partition.behind <= 0
        else partition.newest_source_at
        for partition in partitions
    ]
    certain = [moment for moment in moments if moment is not None]
    return TableState(
        table_name=table_name,
        source_name=source_name,
        method="stream",
        complete=True,
        row_count=sum(partition.event_count for partition in partitions),
        refused_count=0,
        newest_change_at=max(changes, default=None),
        looked_at=min(certain) if len(certain) == len(moments) else None,
        rows_behind=sum(max(number, 0) for number in known) if len(known) == len(behind) else None,
    )


def one_of_both(direct: TableState, streamed: TableState) -> TableState:
    """Return the state of a table that both methods have followed: the one that has seen more of it speaks.

    Either says truly up to when bronze is complete; the other may have been switched off long ago.
    """
    if streamed.looked_at is None or (direct.looked_at is not None and direct.looked_at > streamed.looked_at):
        speaker = direct
    else:
        speaker = streamed
    newest = later(direct.newest_change_at, streamed.newest_change_at)
    return replace(speaker, newest_change_at=newest, refused_count=direct.refused_count)


def partitions_by_table(partitions: Iterable[StreamPartition]) -> dict[str, list[StreamPartition]]:
    """Group partitions by source table: Debezium's topics (prefix.database.schema.table) end with its name."""
    grouped: dict[str, list[StreamPartition]] = {}
    for partition in partitions:
        if partition.topic.startswith(HEARTBEAT_PREFIX):
            continue
        grouped.setdefault(partition.topic.rpartition(".")[2], []).append(partition)
    return grouped


def heartbeats(partitions: Iterable[StreamPartition]) -> dict[str, datetime]:
    """Return when the newest heartbeat of each connector was sent, by the prefix of its topics (``cord.product``)."""
    return {
        partition.topic.removeprefix(HEARTBEAT_PREFIX): partition.newest_source_at
        for partition in partitions
        if partition.topic.startswith(HEARTBEAT_PREFIX) and partition.newest_source_at is not None
    }


def heartbeat_of(partitions: Iterable[StreamPartition], alive: Mapping[str, datetime]) -> datetime | None:
    """Return the newest heartbeat of the connector that writes these partitions; None when none was ever read."""
    found = (
        sent_at for partition in partitions for prefix, sent_at in alive.items()
        if partition.topic.startswith(f"{prefix}.")
    )  # fmt: skip
    return max(found, default=None)


def _earlier(moment: datetime, bound: datetime | None) -> datetime:
    return moment if bound is None else min(moment, bound)


def later(first: datetime | None, second: datetime | None) -> datetime | None:
    """Return the later of two moments; one that is unknown gives way."""
    return max((moment for moment in (first, second) if moment is not None), default=None)
