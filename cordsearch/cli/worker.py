"""``cordsearch worker``: keep everything fresh."""

from typing import Annotated

import typer

from cordsearch.settings import load_settings


def worker(
    once: Annotated[bool, typer.Option("--once", help="Do what is due, then stop: for cron.")] = False,
    verbose: Annotated[bool, typer.Option("--verbose", help="Log passes that found nothing, too.")] = False,
) -> None:
    """Follow the sources, refresh the marts, embed what changed, reconcile and compact, until interrupted."""
    from cordsearch.worker.run import run_worker  # noqa: PLC0415

    run_worker(load_settings(), once=once, verbose=verbose)
