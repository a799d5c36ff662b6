"""``cordsearch keys``: who may ask the service."""

import json
from typing import Annotated

import typer

from cordsearch.cli.output import say
from cordsearch.settings import load_settings

keys_app = typer.Typer(help="API keys: make, list, rotate, revoke. docs/security.md says more.", no_args_is_help=True)

_KeyArgument = Annotated[str, typer.Argument(help="Its id, as `keys list` shows it, or the whole key.")]


@keys_app.command()
def create(
    name: Annotated[str, typer.Argument(help="Who uses it, for your own list.")],
    scope: Annotated[list[str], typer.Option(help="search, events or admin (everything); may be repeated.")],
    expires: Annotated[str | None, typer.Option(help="After this time: 30m, 24h, 90d. Never, if not given.")] = None,
    per_key: Annotated[str | None, typer.Option(help="Limit of all its requests: 6000/minute, or none.")] = None,
    per_address: Annotated[str | None, typer.Option(help="Limit of each address that uses it.")] = None,
) -> None:
    """Make a key and show it, once. The first one ends the free access from this machine."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from service.access.administration import create_key, read_period  # noqa: PLC0415

    valid_for = None if expires is None else read_period(expires)
    with warehouse(load_settings()) as url:
        key = create_key(url, name, scope, valid_for=valid_for, rate_limit=per_key, address_limit=per_address)
    say(key.text)
    typer.echo(f"Keep it now: it is shown once. Its id is {key.key_id}; it expires {key.until or 'never'}.", err=True)


@keys_app.command(name="list")
def list_(as_json: Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")] = False) -> None:
    """List the keys, without their secrets."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from service.access.administration import list_keys  # noqa: PLC0415

    with warehouse(load_settings()) as url:
        keys = list_keys(url)
    if as_json:
        say(json.dumps(keys, indent=2, ensure_ascii=False, default=str))
        return
    if not keys:
        say("There is no key. Make one with: cordsearch keys create <name> --scope search")
    for key in keys:
        used = "never used" if key["last_used"] is None else f"used {key['last_used']:%Y-%m-%d %H:%M}"
        expires = "" if key["expires"] is None else f"  expires {key['expires']:%Y-%m-%d %H:%M}"
        say(f"{key['key_id']}  {key['state']:<8} {','.join(key['scopes']):<20} {used:<22} {key['name']}{expires}")


@keys_app.command()
def rotate(
    key: _KeyArgument,
    grace: Annotated[str, typer.Option(help="How long the old secret stays valid: 30m, 24h, 7d.")] = "24h",
) -> None:
    """Give a key a new secret and show it, once; the old one stays valid for a while."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from service.access.administration import read_period, rotate_key  # noqa: PLC0415

    with warehouse(load_settings()) as url:
        new = rotate_key(url, key, read_period(grace))
    say(new.text)
    typer.echo(f"Keep it now: it is shown once. The old secret of {new.key_id} is valid until {new.until}.", err=True)


@keys_app.command()
def revoke(key: _KeyArgument) -> None:
    """Stop a key for good, in every running service within seconds."""
    from cordsearch.database import warehouse  # noqa: PLC0415
    from service.access.administration import revoke_key  # noqa: PLC0415

    with warehouse(load_settings()) as url:
        say(f"Key {revoke_key(url, key)} is revoked.")
