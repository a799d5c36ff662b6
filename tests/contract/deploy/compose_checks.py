"""What docker-compose.yml must keep to. Each check takes the parsed file and returns what is wrong, as sentences.

Pure: nothing is started. Where a rule is Compose's own, its source is named at the check.
"""

import importlib.resources
import json
import re
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import yaml
from jsonschema import Draft202012Validator

from cordsearch.settings import Settings
from ingest.stream.connectors import connector_definitions

ROOT = Path(__file__).resolve().parents[3]
PROFILES = {
    None: {"warehouse", "service", "worker"},
    "stream": {"kafka", "schema-registry", "connect", "connectors"},
    "source": {"sqlserver", "source-scripts", "source-setup"},
    "monitoring": {"prometheus", "grafana"},
}
_GREEDY = {"kafka", "schema-registry", "connect", "sqlserver", "prometheus", "grafana"}  # JVMs, and what fills memory
_REFERENCE = re.compile(r"\$\{(?P<name>\w+)(?P<rest>[^}]*)\}")
_EXACT_TAG = re.compile(r"v?\d+\.\d+\.\d+([-.][\w.-]+)?|\d{4}-CU\d+-ubuntu-\d+\.\d+")
_SECRET_NAME = re.compile(r"PASSWORD|SECRET|TOKEN|_KEY$")
_URL_WITH_LOGIN = re.compile(r"://(?P<user>[^:/@\s]+):(?P<password>[^@\s]+)@")

Compose = dict[str, Any]


class Reference(NamedTuple):
    """One ``${NAME...}`` of the file; ``rest`` is what follows the name: ``:?...``, ``:-...`` or nothing."""

    name: str
    rest: str


def read_compose(path: Path = ROOT / "docker-compose.yml") -> Compose:
    """Return the file with its anchors resolved. Raises yaml.YAMLError where one is not defined."""
    compose: Compose = yaml.safe_load(path.read_text(encoding="utf-8"))
    return compose


def against_the_schema(compose: Compose) -> list[str]:
    """The Compose specification's own schema, as the package check-jsonschema carries it."""
    file = importlib.resources.files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json"
    validator = Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator.iter_errors(compose)]


def images(compose: Compose) -> list[str]:
    """Every image has an exact tag: a version in three parts, or a cumulative update of SQL Server."""
    return [
        f"{name}: {service.get('image')!r} is not pinned"
        for name, service in compose["services"].items()
        if not _EXACT_TAG.fullmatch(service.get("image", "").rpartition(":")[2])
    ]


def profiles(compose: Compose) -> list[str]:
    """Plain ``docker compose up`` starts three services; the others wait for their profile."""
    found: dict[str | None, set[str]] = {}
    for name, service in compose["services"].items():
        for profile in service.get("profiles", [None]):
            found.setdefault(profile, set()).add(name)
    return [] if found == PROFILES else [f"profiles hold {found}"]


def is_one_shot(service: Compose) -> bool:
    """True for a service that ends when its work is done."""
    return str(service.get("restart", "")).partition(":")[0] in {"no", "on-failure"}


def health(compose: Compose) -> list[str]:
    """Services that stay have a health check and a restart policy. Confluent's images have no curl to check with."""
    problems = []
    for name, service in compose["services"].items():
        if is_one_shot(service):
            continue
        if service.get("restart") != "unless-stopped":
            problems.append(f"{name}: nobody starts it again")
        test = service.get("healthcheck", {}).get("test")
        if not isinstance(test, list) or len(test) < 2 or test[0] not in {"CMD", "CMD-SHELL"}:
            problems.append(f"{name}: no health check")
        elif name in {"schema-registry", "connect"} and re.search(r"curl|wget|nc ", " ".join(test)):
            problems.append(f"{name}: its image has no {test}")
    return problems


def memory(compose: Compose) -> list[str]:
    """What takes all memory it finds is limited, and a Java heap leaves a third of the limit to the rest of the JVM."""
    problems = []
    for name in _GREEDY & set(compose["services"]):
        service = compose["services"][name]
        limit = _megabytes(str(service.get("mem_limit", "0m")))
        heaps = [value for key, value in service.get("environment", {}).items() if key.endswith("HEAP_OPTS")]
        heap = _megabytes(re.findall(r"-Xmx(\w+)", heaps[0])[0]) if heaps else 0
        if not limit:
            problems.append(f"{name}: no memory limit")
        elif heap > limit * 2 / 3:
            problems.append(f"{name}: a heap of {heap} MB does not fit {limit} MB")
    return problems


def _megabytes(text: str) -> float:
    return int(text[:-1]) * {"m": 1, "g": 1024}[text[-1].lower()]


def ports(compose: Compose) -> list[str]:
    """Ports are published on loopback only, each once."""
    published = [(name, port) for name, service in compose["services"].items() for port in service.get("ports", [])]
    hosts = [str(port).rpartition(":")[0] for _, port in published]
    return [
        *(f"{name}: {port} is open to others" for name, port in published if not str(port).startswith("127.0.0.1:")),
        *(f"{host} is published twice" for host in set(hosts) if hosts.count(host) > 1),
    ]


def dependencies(compose: Compose) -> list[str]:
    """Who is waited for exists, can become what is waited for, and is started along (or declared optional)."""
    services = compose["services"]
    problems = []
    for name, service in services.items():
        for target, wait in service.get("depends_on", {}).items():
            other, condition = services.get(target), wait.get("condition")
            if other is None:
                problems.append(f"{name}: {target} does not exist")
            elif condition == "service_healthy" and "healthcheck" not in other:
                problems.append(f"{name}: {target} has no health check to wait for")
            elif condition == "service_completed_successfully" and not is_one_shot(other):
                problems.append(f"{name}: {target} never ends")
            elif condition not in {"service_healthy", "service_completed_successfully"}:
                problems.append(f"{name}: waits for {target} without a condition")
            elif wait.get("required", True) and not set(other.get("profiles", [])) <= set(service.get("profiles", [])):
                problems.append(f"{name}: {target} is in a profile that may be off")
    return problems


def mounts(compose: Compose) -> list[str]:
    """Files that are mounted exist and are read-only; named volumes are declared and used."""
    problems, used = [], set()
    for name, service in compose["services"].items():
        for mount in service.get("volumes", []):
            source, _, rest = mount.partition(":")
            if not source.startswith("."):
                used.add(source)
            elif not (ROOT / source).exists():
                problems.append(f"{name}: {source} does not exist")
            elif not rest.endswith(":ro"):
                problems.append(f"{name}: {source} can be written to")
        build = service.get("build")
        if build is not None and not (ROOT / build / "Dockerfile").is_file():
            problems.append(f"{name}: {build} has no Dockerfile")
    declared = set(compose["volumes"])
    return [*problems, *(f"volume {name} is declared or used, not both" for name in declared ^ used)]


def texts(value: Any) -> list[str]:
    """Every string of the file, however deep."""
    if isinstance(value, dict):
        return [text for part in value.values() for text in texts(part)]
    if isinstance(value, list):
        return [text for part in value for text in texts(part)]
    return [value] if isinstance(value, str) else []


def references(compose: Compose) -> list[Reference]:
    """Every variable the file takes from .env; ``$$`` is a dollar sign for the container."""
    return [
        Reference(match["name"], match["rest"])
        for text in texts(compose)
        for match in _REFERENCE.finditer(text.replace("$$", ""))
    ]


def example_names(example: str) -> set[str]:
    """The names of .env.example, commented out or not."""
    return set(re.findall(r"^#?([A-Z][A-Z_]+)=", example, flags=re.MULTILINE))


def variables(compose: Compose, example: str) -> list[str]:
    """Each variable is in .env.example; each name there is a setting of the project or a variable of the file."""
    used = {reference.name for reference in references(compose)}
    settings = {f"CORDSEARCH_{name.upper()}" for name in Settings.model_fields if name != "database_url"}
    known = example_names(example)
    return [
        *(f"{name} is not in .env.example" for name in sorted(used - known)),
        *(f"{name} in .env.example is used by nothing" for name in sorted(known - used - settings - {"DATABASE_URL"})),
    ]


def secrets(compose: Compose) -> list[str]:
    """Passwords come from .env and have no default; none is written down, in a variable or in a URL."""
    problems = [
        f"{reference.name} has no :?"
        for reference in references(compose)
        if (_SECRET_NAME.search(reference.name) or reference.name.endswith("_USER"))
        and not reference.rest.startswith(":?")
    ]
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            if _SECRET_NAME.search(key) and not re.fullmatch(r"\$\{\w+:\?[^}]*\}", str(value)):
                problems.append(f"{name}: {key} is written down")
    from_env = re.compile(r"\$\{\w+:\?[^}]*\}")
    logins = [match for text in texts(compose) for match in _URL_WITH_LOGIN.finditer(from_env.sub("$", text))]
    return problems + [f"the login of {one['user']} is written down" for one in logins if one["password"] != "$"]


def connect_environment(compose: Compose) -> list[str]:
    """The Connect worker can fill in every ``${env:NAME}`` of the connectors, and no other variable can be read."""
    environment = compose["services"]["connect"]["environment"]
    allowed = re.compile(environment.get("CONNECT_CONFIG_PROVIDERS_ENV_PARAM_ALLOWLIST_PATTERN", ".*"))
    registry = compose["x-stream"]["CORDSEARCH_SCHEMA_REGISTRY_URL"]
    wanted = {
        name
        for definition in connector_definitions(registry)
        for value in definition.configuration.values()
        for name in re.findall(r"\$\{env:(\w+)\}", value)
    }
    problems = [f"connect lacks {name}" for name in sorted(wanted - set(environment))]
    problems += [f"the allow list refuses {name}" for name in sorted(wanted) if not allowed.fullmatch(name)]
    problems += [f"a connector could read {name}" for name in ("PATH", "HOME") if allowed.fullmatch(name)]
    expected = {
        "CONNECT_CONFIG_PROVIDERS": "env",
        "CONNECT_CONFIG_PROVIDERS_ENV_CLASS": "org.apache.kafka.common.config.provider.EnvVarConfigProvider",
        "CONNECT_CONNECTOR_CLIENT_CONFIG_OVERRIDE_POLICY": "All",
        "CONNECT_TOPIC_CREATION_ENABLE": "true",
    }
    return problems + [f"{key} is not {value}" for key, value in expected.items() if environment.get(key) != value]


def topics(compose: Compose) -> list[str]:
    """Connect's own topics are not read by the consumer, and one broker is not asked for more than one copy."""
    consumed = re.compile(Settings.model_fields["kafka_topics"].default)
    problems = []
    for name, service in compose["services"].items():
        for key, value in service.get("environment", {}).items():
            if key.endswith("_STORAGE_TOPIC") and consumed.match(value):
                problems.append(f"{name}: the consumer would read {value}")
            if key.endswith(("REPLICATION_FACTOR", "MIN_ISR")) and value != 1:
                problems.append(f"{name}: {key} is {value}, there is one broker")
    kafka = compose["services"]["kafka"]["environment"]
    if kafka.get("KAFKA_PROCESS_ROLES") != "broker,controller" or any(
        "zookeeper" in text.lower() for text in texts(compose)
    ):
        problems.append("Kafka does not run in KRaft mode")
    if kafka.get("KAFKA_AUTO_CREATE_TOPICS_ENABLE") != "false":
        problems.append("topics are made by chance")
    return problems


def addresses(compose: Compose) -> list[str]:
    """Every host in a URL or a broker list is a service, the container itself, or given in .env."""
    hosts = set(compose["services"]) | {"127.0.0.1", "0.0.0.0", "", "aka.ms"}
    problems = []
    for name, service in compose["services"].items():
        for text in texts({key: value for key, value in service.items() if key in {"environment", "healthcheck"}}):
            bare = _REFERENCE.sub("x", text)
            found = [urlsplit(url).hostname or "" for url in re.findall(r"\w+://[^\s'\",]*", bare)]
            found += re.findall(r"^([\w-]+):\d+$", bare)
            problems += [f"{name}: {host} is no service" for host in found if host not in hosts]
    return problems
