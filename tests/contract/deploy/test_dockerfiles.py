"""The images: exact bases, stages, user, and all that service and worker need. Broken copies are caught."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.contract.deploy.compose_checks import ROOT, read_compose
from tests.contract.deploy.dockerfile_checks import problems, project_problems, stages

OWN = ROOT / "Dockerfile"
CONNECT = ROOT / "deploy" / "kafka-connect" / "Dockerfile"


@pytest.mark.parametrize("path", [OWN, CONNECT], ids=["cordsearch", "kafka-connect"])
def test_the_image(path: Path) -> None:
    assert problems(path.read_text(encoding="utf-8"), path.parent) == []


def test_the_image_has_what_service_and_worker_need() -> None:
    assert project_problems(OWN.read_text(encoding="utf-8")) == []


BROKEN = {
    "a moving base": ("3.12.13-slim-bookworm", "3.12-slim"),
    "latest": ("python:3.12.13-slim-bookworm", "python:latest"),
    "no user": ("USER 10001\n", ""),
    "root": ("USER 10001\n", "USER root\n"),
    "a folder that is not there": ("COPY dbt dbt", "COPY sqlmesh sqlmesh"),
    "a folder that is ignored": ("COPY dbt dbt", "COPY tests tests"),
    "an unknown stage": ("--from=build /opt", "--from=builder /opt"),
}
INCOMPLETE = {
    "no stream": ("'.[stream,telemetry]'", "."),
    "torch": ("'.[stream,telemetry]'", "'.[stream,transformers]'"),
    "no versions": ("--constraint constraints.txt", ""),
    "no dbt": ("COPY dbt dbt\n", ""),
    "data of root": ("/home/cordsearch/data /home/cordsearch/scripts", "/home/cordsearch/scripts"),
    "another data directory": ("CORDSEARCH_DATA_DIRECTORY=/home/cordsearch/data", "CORDSEARCH_DATA_DIRECTORY=/data"),
    "no health check": ("HEALTHCHECK", "LABEL"),
    "a shell": ('ENTRYPOINT ["cordsearch"]', 'ENTRYPOINT ["sh"]'),
    "one stage": ("FROM python:3.12.13-slim-bookworm\n", ""),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_image_is_caught(name: str) -> None:
    text = OWN.read_text(encoding="utf-8")
    assert BROKEN[name][0] in text
    assert problems(text.replace(*BROKEN[name]), ROOT) != []


@pytest.mark.parametrize("name", INCOMPLETE)
def test_an_incomplete_image_is_caught(name: str) -> None:
    text = OWN.read_text(encoding="utf-8")
    assert INCOMPLETE[name][0] in text
    assert project_problems(text.replace(*INCOMPLETE[name])) != []


def test_every_package_is_copied_and_the_version_of_python_is_supported() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)
    packages = {pattern.rstrip("*") for pattern in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = {one.arguments.split()[0] for one in stages(OWN.read_text(encoding="utf-8"))[0] if one.name == "COPY"}
    assert packages <= copied
    assert project["project"]["readme"] in "".join(one.arguments for one in stages(OWN.read_text(encoding="utf-8"))[0])


def test_what_is_copied_is_enough_to_run(tmp_path: Path) -> None:
    """The sources of the COPY lines, laid out as in the image: nothing else of the checkout is needed."""
    for stage in stages(OWN.read_text(encoding="utf-8")):
        for one in stage:
            if one.name == "COPY" and "--from" not in one.arguments:
                *sources, target = one.arguments.split()
                for source in sources:
                    place = tmp_path / target
                    if (ROOT / source).is_dir():
                        shutil.copytree(ROOT / source, place, ignore=shutil.ignore_patterns("__pycache__"))
                    else:
                        shutil.copy(ROOT / source, place)
    program = """
import cordsearch, cordsearch.transform, cordsearch.worker.run, embeddings.job, ingest.stream.consumer, service.app
print(cordsearch.__file__)
assert (cordsearch.transform.PROJECT_DIRECTORY / "dbt_project.yml").is_file()
assert len(ingest.tables.TABLES) == 36
"""
    environment = {"PATH": os.defpath, "PYTHONPATH": str(tmp_path)}
    result = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(str(tmp_path))


def test_the_image_of_the_compose_file_has_the_version_of_the_project() -> None:
    with (ROOT / "pyproject.toml").open("rb") as file:
        version = tomllib.load(file)["project"]["version"]
    services = read_compose()["services"]
    assert services["service"]["image"] == f"cordsearch:{version}"
    assert services["connect"]["image"] == f"cordsearch-connect:{version}"


def test_connect_and_schema_registry_are_one_release() -> None:
    """The converter in the one writes what the other stores."""
    base = stages(CONNECT.read_text(encoding="utf-8"))[-1][0].arguments
    registry = read_compose()["services"]["schema-registry"]["image"]
    assert base.rpartition(":")[2] == registry.rpartition(":")[2]


@pytest.mark.parametrize("service", ["service", "worker", "connectors"])
def test_the_command_exists(service: str) -> None:
    command = read_compose()["services"][service].get("command", ["serve"])
    result = subprocess.run(
        [sys.executable, "-m", "cordsearch", *command, "--help"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == 0, result.stderr
    assert "Usage:" in result.stdout
