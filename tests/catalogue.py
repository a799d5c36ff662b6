"""What the fixture ``catalogue`` hands to tests."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Catalogue:
    """A demo catalogue taken through the whole pipeline; read it, never write to it."""

    source_url: str
    warehouse_url: str
    model_directory: Path
