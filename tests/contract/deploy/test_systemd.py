"""The systemd units: the commands exist, they run as nobody special, and a stop leaves time to finish."""

import configparser
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from cordsearch.settings import Settings
from tests.contract.deploy.compose_checks import ROOT

UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))


def read_unit(path: Path) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None, strict=True)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(path.read_text(encoding="utf-8"))
    return unit


def test_service_and_worker_have_a_unit() -> None:
    assert [unit.name for unit in UNITS] == ["cordsearch-worker.service", "cordsearch.service"]


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_the_unit(path: Path) -> None:
    unit = read_unit(path)
    assert unit.sections() == ["Unit", "Service", "Install"]
    service = unit["Service"]
    assert service["User"] != "root"
    assert (service["Restart"], service["NoNewPrivileges"], service["ProtectSystem"]) == ("always", "yes", "strict")
    assert service["WorkingDirectory"] == f"/var/lib/{service['StateDirectory']}"  # the only place it may write to
    assert f"CORDSEARCH_DATA_DIRECTORY={service['WorkingDirectory']}/" in service["Environment"]
    assert "PASSWORD" not in path.read_text(encoding="utf-8")
    assert int(service["TimeoutStopSec"]) > Settings.model_fields["worker_stop_seconds"].default

    program, *command = shlex.split(service["ExecStart"])
    assert program.endswith("/.venv/bin/cordsearch")
    result = subprocess.run(
        [sys.executable, "-m", "cordsearch", *command, "--help"], capture_output=True, timeout=60, check=False
    )
    assert result.returncode == 0
