"""Stage: demo source. Reads the vocabulary; writes nothing.

The products that every demo catalogue holds, however small, so that the queries of the README and of
the tests have an answer: a MAN shock absorber under 81.43220-6012, oil filters for a DAF XF105,
brake pads beside brake cylinders, parts of 309x242, steering rods.
"""

from dataclasses import dataclass

from ingest.demo.codes import ANCHOR_NUMBER
from ingest.demo.names import ANCHOR_SIZE
from ingest.demo.vocabulary import Vocabulary, VocabularyError


@dataclass(frozen=True)
class Place:
    """Where an anchor's part type and vehicle stand in the vocabulary."""

    part_type: int
    vehicle: int


@dataclass(frozen=True)
class Anchor:
    """One family that is always there."""

    part_type: str
    make: str
    model: str
    products: int
    number: str | None = None
    size: str | None = None

    def locate(self, vocabulary: Vocabulary) -> Place:
        """Return its place in the vocabulary; VocabularyError when a word of it is not there."""
        types = [index for index, each in enumerate(vocabulary.part_types) if each.key == self.part_type]
        vehicles = [
            index
            for index, each in enumerate(vocabulary.vehicles)
            if (each.make, each.model) == (self.make, self.model)
        ]
        if not types or not vehicles:
            raise VocabularyError(
                f"The demo needs the part type {self.part_type!r} and the vehicle {self.make} {self.model}, "
                f"but the vocabulary lacks one of them."
            )
        return Place(types[0], vehicles[0])


ANCHORS = (
    Anchor("shock_absorber", "MAN", "TGA", 4, number=ANCHOR_NUMBER),
    Anchor("oil_filter", "DAF", "XF105", 4),
    Anchor("brake_pads", "BPW", "ECO Plus", 4),
    Anchor("brake_pads", "DAF", "XF105", 3),
    Anchor("brake_cylinder", "MAN", "TGA", 3),
    Anchor("brake_cylinder", "Mercedes-Benz", "Actros", 3),
    Anchor("brake_shoes", "SAF", "SKRS", 3, size=ANCHOR_SIZE),
    Anchor("brake_shoes", "BPW", "ECO Plus", 2, size=ANCHOR_SIZE),
    Anchor("drag_link", "Volvo", "FH12", 3),
)
