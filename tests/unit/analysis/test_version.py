"""Stored lexemes are only written anew when ``ANALYSIS_VERSION`` is raised, so a change of the rules must raise it."""

from hashlib import blake2b

from cordsearch.analysis.version import ANALYSIS_VERSION
from embeddings.search_document import DocumentFields, search_vector
from tests.unit.analysis.test_stem import DIFFERENT, SAME

TEXTS = (
    *SAME,
    *(" ".join(pair) for pair in DIFFERENT),
    "Фiльтр масляный СКАНІА 309 х 242 XF105 ø12,5 81.43220-6012 р/к суппорта",
    "Łożysko piasty przednie KIT 22.5 mm, wkład; Klocki ham. Ł.K.",
    "стрем'янка ресори М20х1,5 дзеркало рульової колонки колеса коліс ніж ножа м'яч",
    "Фара DAF XF105/XF106 L, кронштейн MAN F2000/L2000, 81.43220/6012",
    "brake pads' wear sensors for the axles of BPW, 4-series LHD A 150 368 67 86",
)
DIGESTS = {3: "7a748fba6e2abf9e"}


def test_other_lexemes_need_another_version() -> None:
    documents = [search_vector(DocumentFields(text, None, None, text, None, (), (text,), ())) for text in TEXTS]
    digest = blake2b(b"".join(documents), digest_size=8).hexdigest()
    message = f"The lexemes changed: raise ANALYSIS_VERSION and add {digest} to DIGESTS under it."
    assert DIGESTS[ANALYSIS_VERSION] == digest, message
