"""``cordsearch ingest``: bring source tables into bronze, by the direct loader or from the Debezium stream."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

import typer

from cordsearch.cli.output import say
from cordsearch.errors import SettingsError
from cordsearch.settings import load_settings

ingest_app = typer.Typer(help="Bring source tables into the bronze layer.", no_args_is_help=True)
dead_letters_app = typer.Typer(help="Messages of the stream that could not be read.", no_args_is_help=True)
connectors_app = typer.Typer(help="The Debezium connectors in Kafka Connect.", no_args_is_help=True)
ingest_app.add_typer(dead_letters_app, name="dead-letters")
ingest_app.add_typer(connectors_app, name="connectors")


@ingest_app.command()
def snapshot(
    source: Annotated[str, typer.Option(help="product, ecosystem or all.")] = "all",
    table: Annotated[list[str] | None, typer.Option(help="Only this source table; may be repeated.")] = None,
    restart: Annotated[bool, typer.Option("--restart", help="Read finished tables again from the start.")] = False,
) -> None:
    """Read every row of the source tables into bronze, going on where an earlier run stopped."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from cordsearch.pipeline import load  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url:
        report = load(settings, url, source=source, tables=table, restart=restart)
    say(str(report))


@ingest_app.command()
def incremental(
    source: Annotated[str, typer.Option(help="product, ecosystem or all.")] = "all",
    table: Annotated[list[str] | None, typer.Option(help="Only this source table; may be repeated.")] = None,
) -> None:
    """Append to bronze what changed in the source tables since the last time."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from cordsearch.pipeline import follow_changes  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url:
        report = follow_changes(settings, url, source=source, tables=table)
    say(str(report))


@ingest_app.command("reconcile")
def reconcile_keys(
    source: Annotated[str, typer.Option(help="product, ecosystem or all.")] = "all",
    table: Annotated[list[str] | None, typer.Option(help="Only this source table; may be repeated.")] = None,
    every_row: Annotated[bool, typer.Option("--every-row", help="Compare contents too, not only keys.")] = False,
    allow_mass_delete: Annotated[
        bool, typer.Option("--allow-mass-delete", help="Believe it when most rows of a table are gone.")
    ] = False,
) -> None:
    """Find rows deleted at the source, and rows bronze lacks, by comparing all keys."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from cordsearch.pipeline import reconcile  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url:
        report = reconcile(
            settings, url, source=source, tables=table, every_row=every_row, allow_mass_delete=allow_mass_delete
        )
    say(str(report))


@ingest_app.command()
def compact(
    retention_days: Annotated[
        float | None, typer.Option(min=0, help="Instead of CORDSEARCH_BRONZE_RETENTION_DAYS; 0 keeps everything.")
    ] = None,
    table: Annotated[list[str] | None, typer.Option(help="Only this source table; may be repeated.")] = None,
    shrink: Annotated[
        bool, typer.Option("--shrink", help="Write the files anew, keeping everybody out of a table meanwhile.")
    ] = False,
) -> None:
    """Delete old events that newer ones made obsolete; what staging shows stays the same."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from ingest.compaction import run_compaction  # noqa: PLC0415

    settings = load_settings()
    days = settings.bronze_retention_days if retention_days is None else retention_days
    with warehouse(settings) as url:
        report = run_compaction(url, days, table, shrink=shrink)
    say(str(report))


@ingest_app.command()
def stream() -> None:
    """Read the Debezium topics into bronze until interrupted."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from ingest.stream.consumer import run_stream  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url, _until_interrupted() as stop:
        report = run_stream(settings, url, stop)
    say(str(report))


@ingest_app.command("forget-topic")
def forget_one_topic(topic: Annotated[str, typer.Argument(help="Its full name.")]) -> None:
    """Read a topic from its start that was deleted and made anew; what the old one brought is kept."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from ingest.stream.dead_letters import forget_topic  # noqa: PLC0415

    with warehouse(load_settings()) as url:
        say(f"{topic} is read from its start. Its old events are kept as {forget_topic(url, topic)}.")


@dead_letters_app.command("list")
def list_letters(
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="At most so many, oldest first.")] = 100,
    replayed: Annotated[bool, typer.Option("--replayed", help="Also those that were replayed.")] = False,
) -> None:
    """Show the parked messages, each with its reason."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from ingest.stream.dead_letters import list_dead_letters  # noqa: PLC0415

    with warehouse(load_settings()) as url:
        letters = list_dead_letters(url, topic=topic, limit=limit, include_replayed=replayed)
    for letter in letters:
        message = letter.message
        place = f"{message.topic}[{message.partition}]@{message.offset}"
        say(f"{letter.dead_letter_id}  {place}  {letter.created_at:%Y-%m-%d %H:%M:%S}")
        say(f"    {letter.reason}")
        say(f"    {letter.excerpt}")
    if not letters:
        say("There are none.")


@dead_letters_app.command("replay")
def replay_letters(
    letter: Annotated[list[int] | None, typer.Option(help="Only this one; may be repeated.")] = None,
    topic: Annotated[str | None, typer.Option(help="Only of this topic.")] = None,
) -> None:
    """Try parked messages again, after the cause of their refusal was put right."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from ingest.stream.dead_letters import replay_dead_letters  # noqa: PLC0415

    settings = load_settings()
    avro = None
    if settings.schema_registry_url:
        from ingest.stream.avro import avro_reader  # noqa: PLC0415

        avro = avro_reader(settings)
    with warehouse(settings) as url:
        say(str(replay_dead_letters(url, ids=letter, topic=topic, avro=avro)))


@connectors_app.command("register")
def register_connectors(
    no_snapshot: Annotated[
        bool, typer.Option("--no-snapshot", help="Tell only changes: the direct loader brings the rows.")
    ] = False,
) -> None:
    """Create the connectors of both sources, or bring them up to date."""
    from ingest.stream.connectors import connector_definitions, register  # noqa: PLC0415

    settings = load_settings()
    definitions = connector_definitions(settings.schema_registry_url, snapshot=not no_snapshot)
    for found in register(settings.connect_url, definitions):
        say(f"{found.name}  {found.state}")


@connectors_app.command("status")
def connectors_status() -> None:
    """Show the state of the connectors and their tasks; exit code 1 when one is not healthy."""
    from ingest.stream.connectors import connector_definitions, status  # noqa: PLC0415

    settings = load_settings()
    states = status(settings.connect_url, connector_definitions(settings.schema_registry_url))
    for found in states:
        say(f"{found.name}  {found.state}  tasks: {', '.join(found.tasks) or 'none'}")
        if found.failure:
            say(f"    {found.failure}")
    if not all(found.healthy for found in states):
        raise typer.Exit(1)


@connectors_app.command("delete")
def delete_connectors() -> None:
    """Remove the connectors from Kafka Connect; their topics and offsets stay."""
    from ingest.stream.connectors import connector_definitions, delete  # noqa: PLC0415

    settings = load_settings()
    for name in delete(settings.connect_url, connector_definitions(settings.schema_registry_url)):
        say(f"{name}  deleted")


@connectors_app.command("enable-cdc-script")
def write_enable_cdc_script(
    source: Annotated[Literal["product", "ecosystem"], typer.Option(help="The source, as its connector names it.")],
    database: Annotated[str, typer.Option(help="Name of its database on the SQL Server.")],
) -> None:
    """Print the T-SQL that switches change data capture on, for an administrator to read and run."""
    from ingest.stream.source_setup import enable_cdc_script  # noqa: PLC0415

    with _named_database():
        say(enable_cdc_script(source, database))


@connectors_app.command("create-tables-script")
def write_create_tables_script(
    source: Annotated[Literal["product", "ecosystem"], typer.Option(help="The source, as its connector names it.")],
    database: Annotated[str, typer.Option(help="Name of the database to create on the SQL Server.")],
) -> None:
    """Print the T-SQL that creates the source's tables on an empty SQL Server, to try the stream there."""
    from ingest.stream.source_setup import create_tables_script  # noqa: PLC0415

    with _named_database():
        say(create_tables_script(source, database))


@contextmanager
def _named_database() -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        raise SettingsError(f"{error}. Give the name of the database with --database.") from error


@contextmanager
def _until_interrupted() -> Iterator[threading.Event]:
    """Yield an event that is set by Ctrl-C or a termination signal, so that the batch under way is finished."""
    stop = threading.Event()
    watched = (signal.SIGINT, signal.SIGTERM)
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in watched}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
