"""Settings: read from the environment, refused with the variable's name."""

from pathlib import Path

import pytest

from cordsearch.errors import SettingsError
from cordsearch.settings import Settings, load_settings


def test_defaults_need_no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    settings = load_settings()
    assert settings.database_url is None
    assert settings.model_directory == Path(".cordsearch/models")


def test_database_url_has_no_prefix(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://reader@127.0.0.1/shop")
    assert load_settings().database_url == "postgresql://reader@127.0.0.1/shop"


def test_a_bad_value_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDSEARCH_POOL_SIZE", "many")
    with pytest.raises(SettingsError, match="pool_size"):
        load_settings()


def test_an_empty_value_means_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORDSEARCH_SERVICE_PORT", "")
    assert load_settings().service_port == 8000


def test_every_setting_is_named_in_the_example() -> None:
    example = (Path(__file__).parents[3] / ".env.example").read_text()
    named = {
        line.removeprefix("#").partition("=")[0] for line in example.splitlines() if "=" in line and line[1] != " "
    }
    expected = {
        str(field.validation_alias or f"CORDSEARCH_{name.upper()}") for name, field in Settings.model_fields.items()
    }
    assert expected - named == set()
    compose = (Path(__file__).parents[3] / "docker-compose.yml").read_text()
    assert {name for name in named - expected if f"${{{name}" not in compose} == set()
