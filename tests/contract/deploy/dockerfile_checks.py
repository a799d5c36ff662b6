"""What a Dockerfile of the project must keep to. Checks read the text and return what is wrong, as sentences."""

import fnmatch
import re
from pathlib import Path
from typing import NamedTuple

_EXACT_IMAGE = re.compile(r"[\w./-]+:v?\d+\.\d+\.\d+([-.][\w.-]+)?")


class Instruction(NamedTuple):
    """One instruction with its arguments, in one line."""

    name: str
    arguments: str


def stages(text: str) -> list[list[Instruction]]:
    """Return the instructions of each stage, each beginning with its FROM."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    found: list[list[Instruction]] = []
    for line in joined.splitlines():
        name, _, arguments = line.partition(" ")
        if name == "FROM":
            found.append([])
        found[-1].append(Instruction(name, arguments.strip()))
    return found


def problems(text: str, context: Path) -> list[str]:
    """Exact base images, copies of what is there and not ignored, and a user that is not root."""
    found = stages(text)
    names: set[str] = set()
    wrong = []
    for stage in found:
        image, _, name = stage[0].arguments.partition(" AS ")
        if not _EXACT_IMAGE.fullmatch(image):
            wrong.append(f"{image} is not pinned")
        for instruction in stage:
            if instruction.name in {"COPY", "ADD"}:
                wrong += _copy_problems(instruction.arguments, context, names)
        names.add(name)
    users = [instruction.arguments for instruction in found[-1] if instruction.name == "USER"]
    if not users or users[-1] in {"root", "0"}:
        wrong.append("the container runs as root")
    return wrong


def _copy_problems(arguments: str, context: Path, stage_names: set[str]) -> list[str]:
    *words, _target = arguments.split()
    options = dict(word[2:].split("=", 1) for word in words if word.startswith("--"))
    if "from" in options:
        return [] if options["from"] in stage_names else [f"no stage is called {options['from']}"]
    ignore_file = context / ".dockerignore"
    ignored = ignore_file.read_text(encoding="utf-8").splitlines() if ignore_file.exists() else []
    sources = [word for word in words if not word.startswith("--")]
    return [
        f"{source} is not there, or .dockerignore hides it"
        for source in sources
        if not (context / source).exists() or any(fnmatch.fnmatch(source, pattern) for pattern in ignored)
    ]


def project_problems(text: str) -> list[str]:
    """The project's own image: built in one stage, run in another, with all that service and worker need, no torch."""
    found = stages(text)
    last = {instruction.name: instruction.arguments for instruction in found[-1]}
    everything = " ".join(instruction.arguments for stage in found for instruction in stage)
    wanted = {
        "there is one stage": len(found) >= 2,
        "pip runs in the final stage": not any("pip install" in one.arguments for one in found[-1]),
        "exact versions are not taken from constraints.txt": "--constraint constraints.txt" in everything,
        "the worker cannot read Kafka without the extra stream": "[stream" in everything,
        "torch is in the image": not re.search(r"torch|transformers", everything),
        "dbt/ is missing beside the packages": any(
            one.name == "COPY" and one.arguments.split()[0] == "dbt" for one in found[-1]
        ),
        "the data directory belongs to root": "/home/cordsearch/data" in last.get("RUN", ""),
        "the data directory is not the volume": "CORDSEARCH_DATA_DIRECTORY=/home/cordsearch/data"
        in last.get("ENV", ""),
        "no health check": "/health" in last.get("HEALTHCHECK", ""),
        "the command line is not the entry point": last.get("ENTRYPOINT") == '["cordsearch"]',
    }
    return [problem for problem, holds in wanted.items() if not holds]
