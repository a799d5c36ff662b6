"""The command line: everything a person runs. Reads the settings; prints to standard output and error."""

import json
import sys
from typing import Annotated

import typer

from cordsearch.cli.embed import embed_app
from cordsearch.cli.ingest import ingest_app
from cordsearch.cli.keys import keys_app
from cordsearch.cli.output import say
from cordsearch.cli.worker import worker
from cordsearch.errors import CordSearchError
from cordsearch.settings import Settings, load_settings

app = typer.Typer(
    name="cordsearch",
    help="Product search for a parts business on its own PostgreSQL: load, transform, embed, serve.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
database_app = typer.Typer(help="The embedded PostgreSQL server.", no_args_is_help=True)
app.add_typer(ingest_app, name="ingest")
app.add_typer(embed_app, name="embed")
app.add_typer(keys_app, name="keys")
app.add_typer(database_app, name="database")
app.command()(worker)

# Each command imports the stage it runs: dbt, scipy and FastAPI take a second to import, and
# `cordsearch --help` or `cordsearch database url` should not wait for them.


@app.command()
def demo(
    products: Annotated[int, typer.Option(help="Products in the demo catalogue; 278698 is the full size.")] = 20_000,
    seed: Annotated[int, typer.Option(help="The same seed and size give the same catalogue.")] = 20240501,
) -> None:
    """Create the demo source and take it all the way to searchable. Skips what is already built."""
    from cordsearch.database import connect, warehouse  # noqa: PLC0415
    from cordsearch.pipeline import (  # noqa: PLC0415
        build_demo_source,
        build_search,
        demo_source_url,
        uses_demo_source,
    )

    settings = load_settings()
    uses_demo_source(settings)
    with warehouse(settings) as url:
        source_url = demo_source_url(url)
        build_demo_source(source_url, products, seed, warehouse_url=url)
        for timing in build_search(settings, url, demo_url=source_url):
            say(f"{timing.stage:<10} {timing.seconds:7.1f} s")
        with connect(url) as connection:
            row = connection.execute("select count(*) from staging_marts.dim_product_search").fetchone()
        say(f"{row[0] if row else 0:,} products are searchable.")


@app.command()
def transform(
    full_refresh: Annotated[bool, typer.Option("--full-refresh", help="Build the marts anew.")] = False,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Read every source row again, write what differs.")
    ] = False,
    redraw: Annotated[
        bool, typer.Option("--redraw", help="Draw the month of freshness and the line between the tiers anew.")
    ] = False,
    select: Annotated[list[str] | None, typer.Option(help="Only these dbt selectors; may be repeated.")] = None,
    test: Annotated[bool, typer.Option("--test", help="Run the dbt tests afterwards.")] = False,
    check_freshness: Annotated[
        bool, typer.Option("--check-freshness", help="First refuse sources not looked at within their limit.")
    ] = False,
) -> None:
    """Build the staging views and the marts with dbt."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from cordsearch.freshness import observe, observed  # noqa: PLC0415
    from cordsearch.transform import Transform  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url:
        run = Transform(url, settings.data_directory / "dbt", settings.embedding_dimensions)
        if check_freshness:
            observe(url)  # the check goes by what was observed
            run.check_freshness()
        with observed(url):
            run.run(full_refresh=full_refresh, rebuild=rebuild, redraw=redraw, select=select or ())
        if test:
            run.test(select or ())


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on.")] = None,
    workers: Annotated[int | None, typer.Option(help="Processes that answer requests.")] = None,
) -> None:
    """Answer search and autocomplete calls over HTTP, with a page at /."""
    from service.server import run_server  # noqa: PLC0415

    settings = load_settings()
    chosen = {"service_host": host, "service_port": port, "service_workers": workers}
    run_server(settings.model_copy(update={name: value for name, value in chosen.items() if value is not None}))


@app.command()
def status(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False,
) -> None:
    """Show what is loaded, how fresh it is, and what is searchable."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from cordsearch.status import read_status  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url:
        report = read_status(url, settings.freshness_limit)
    say(json.dumps(report.as_dict(), indent=2, ensure_ascii=False) if as_json else report.as_table())


@database_app.command("url")
def database_url() -> None:
    """Print the URL of the warehouse; works in psql while a cordsearch process keeps the server up."""
    say(_warehouse_url(load_settings()))


@database_app.command("stop")
def database_stop() -> None:
    """Stop the embedded server, disconnecting whoever still uses it."""
    from cordsearch.database import embedded_server  # noqa: PLC0415

    embedded_server(load_settings()).stop()


def _warehouse_url(settings: Settings) -> str:
    from cordsearch.database import WAREHOUSE_DATABASE, embedded_server  # noqa: PLC0415

    return settings.database_url or embedded_server(settings).url(WAREHOUSE_DATABASE)


def main() -> None:
    """Run the command line; a known failure is one message on standard error and exit code 1."""
    try:
        app()
    except CordSearchError as error:
        sys.stderr.write(f"cordsearch: {error}\n")
        sys.exit(1)


if __name__ == "__main__":
    main()
