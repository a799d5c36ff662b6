"""A tiny parallel catalogue: ten parts in three languages on six vehicles, and a model trained on it."""

from functools import cache

import numpy as np

from embeddings.contrastive import TrainingSettings, train
from embeddings.parallel import Names, build_corpus
from embeddings.static_encoder import StaticEncoder, metadata_of

PARTS = (
    ("колодки тормозные", "колодки гальмівні", "klocki hamulcowe"),
    ("диск тормозной", "диск гальмівний", "tarcza hamulcowa"),
    ("подшипник ступицы", "підшипник маточини", "łożysko piasty"),
    ("фара", "фара", "reflektor"),
    ("зеркало", "дзеркало", "lusterko"),
    ("сцепление", "зчеплення", "sprzęgło"),
    ("глушитель", "глушник", "tłumik"),
    ("радиатор", "радіатор", "chłodnica"),
    ("крыло", "крило", "błotnik"),
    ("наконечник тяги", "наконечник тяги", "końcówka drążka"),
)
VEHICLES = ("DAF XF105", "MAN TGA", "Volvo FH12", "Scania R", "Iveco Stralis", "Renault Magnum")
SMALL = TrainingSettings(dimensions=64, batch=48, least_steps=120, most_steps=120)


def parallel_names() -> list[Names]:
    """Return the names of all parts on all vehicles."""
    return [Names(*(f"{name} {vehicle}" for name in part)) for part in PARTS for vehicle in VEHICLES]


@cache
def trained_encoder() -> StaticEncoder:
    """Return an encoder trained on the names; takes about a second."""
    table = train(build_corpus(parallel_names()), SMALL).table
    return StaticEncoder(metadata_of(table, {}), table.astype(np.float16))
