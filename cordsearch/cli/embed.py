"""``cordsearch embed``: train encoders, write vectors, switch between versions of them."""

from typing import Annotated

import typer

from cordsearch.cli.output import say
from cordsearch.settings import load_settings

embed_app = typer.Typer(help="Encoders and vectors: train, write, switch versions.", no_args_is_help=True)
dead_letters_app = typer.Typer(help="Texts that could not be encoded.", no_args_is_help=True)
embed_app.add_typer(dead_letters_app, name="dead-letters")


@embed_app.command()
def train() -> None:
    """Train the static encoder from the catalogue's own parallel names. The first one becomes the active one."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from embeddings.registry import active_model  # noqa: PLC0415
    from embeddings.train import train_by_settings  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url:
        model = train_by_settings(url, settings)
        active = active_model(url)
    if active is not None and active.model_id == model.model_id:
        say(f"Active encoder: {model}. Write its vectors with: cordsearch embed run")
    else:
        say(f"Trained {model}. Build it beside the live one and switch: cordsearch embed run --model {model}")


@embed_app.command()
def run(
    model: Annotated[
        str | None, typer.Option(help="Build the version of this model beside the live one, then switch to it.")
    ] = None,
    switch: Annotated[bool, typer.Option(help="With --model: switch when it is built.")] = True,
    check: Annotated[bool, typer.Option("--check", help="Compare every product, not only those in the queue.")] = False,
    rest: Annotated[
        float | None, typer.Option(min=0, max=100, help="Pause after each batch, in multiples of its time.")
    ] = None,
) -> None:
    """Write the vector and the search document of every product whose text changed. May run several times at once."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from cordsearch.freshness import observed  # noqa: PLC0415
    from cordsearch.worker.aside import stand_back  # noqa: PLC0415
    from cordsearch.worker.queue import session_url  # noqa: PLC0415
    from embeddings.build import build_version  # noqa: PLC0415
    from embeddings.job import run_embedding_job  # noqa: PLC0415

    settings = load_settings()
    if rest is not None:
        settings = settings.model_copy(update={"embedding_rest": rest})
    with warehouse(settings) as plain_url, observed(plain_url):
        url = session_url(plain_url)  # a worker beside this takes it for its own work, and lets searches go first
        stand_back(settings.worker_niceness)
        if model is None:
            say(str(run_embedding_job(url, settings, check=check)))
        else:
            say(str(build_version(url, settings, model, activate=switch)))


@embed_app.command()
def rollback() -> None:
    """Switch back to the version that was in use before the active one."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from embeddings.build import roll_back  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url:
        report = roll_back(url, settings)
    say(f"{report}\nActive encoder: {report.model_id}")


@embed_app.command()
def models() -> None:
    """List the versions: which is active, which are built, how good their index is."""
    from cordsearch.database import connect, warehouse  # noqa: PLC0415
    from embeddings.overview import models_table  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url, connect(url, autocommit=True) as connection:
        say(models_table(connection))


@embed_app.command()
def register(
    name: Annotated[str, typer.Argument(help="Hub name or local path of a sentence-transformers model.")],
    dimensions: Annotated[int | None, typer.Option(help="Keep so many of the first dimensions (Matryoshka).")] = None,
    query_prefix: Annotated[str | None, typer.Option(help="Stands before queries, such as 'query: '.")] = None,
    passage_prefix: Annotated[str | None, typer.Option(help="Stands before product texts.")] = None,
    backend: Annotated[str, typer.Option(help="torch, or onnx.")] = "torch",
    device: Annotated[str | None, typer.Option(help="Such as cpu or cuda; a GPU is found by itself.")] = None,
    revision: Annotated[str | None, typer.Option(help="Commit or tag of a hub model.")] = None,
) -> None:
    """Register a sentence-transformers model; needs the extra cordsearch[transformers]."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from embeddings.transformer_encoder import TransformerOptions  # noqa: PLC0415
    from embeddings.transformer_registry import register_transformer  # noqa: PLC0415

    if backend not in ("torch", "onnx"):
        raise typer.BadParameter("choose torch or onnx", param_hint="--backend")
    options = TransformerOptions(query_prefix, passage_prefix, dimensions, backend, device, revision)  # type: ignore[arg-type]
    settings = load_settings()
    with warehouse(settings) as url:
        model = register_transformer(url, name, options)
    say(f"Registered {model.model_id}, {model.dimensions} dimensions. Build it beside the live one and switch:")
    say(f"cordsearch embed run --model '{model.model_id}'")


@embed_app.command("collect-garbage")
def collect_garbage(
    keep: Annotated[int, typer.Option(min=0, help="Versions to keep besides the active one.")] = 1,
) -> None:
    """Delete the vectors, records and files of old versions."""
    from cordsearch.database import connect, warehouse  # noqa: PLC0415
    from embeddings import garbage  # noqa: PLC0415
    from embeddings.registry import create_schema  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url, connect(url, autocommit=True) as connection:
        create_schema(connection)
        deleted = garbage.collect_garbage(connection, settings.model_directory, keep)
    say("\n".join(f"Deleted {model_id}" for model_id in deleted) or "Nothing to delete.")


@dead_letters_app.command("list")
def list_dead_letters() -> None:
    """Show which texts could not be encoded, and why."""
    from cordsearch.database import connect, warehouse  # noqa: PLC0415
    from embeddings.failures import read_dead_letters  # noqa: PLC0415
    from embeddings.registry import create_schema  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url, connect(url, autocommit=True) as connection:
        create_schema(connection)
        for letter in read_dead_letters(connection):
            say(f"{letter.failed:%Y-%m-%d %H:%M} product {letter.product_id} {letter.model}: {letter.error}")
            say(f"    {letter.text[:200]}")


@dead_letters_app.command("retry")
def retry_dead_letters() -> None:
    """Queue them again; the next embed run encodes them."""
    from cordsearch.database import connect, warehouse  # noqa: PLC0415
    from embeddings import failures  # noqa: PLC0415
    from embeddings.registry import create_schema  # noqa: PLC0415

    settings = load_settings()
    with warehouse(settings) as url, connect(url, autocommit=True) as connection:
        create_schema(connection)
        count = failures.retry_dead_letters(connection)
    say(f"{count:,} products are queued again. Encode them with: cordsearch embed run")
