"""Whatever is typed is answered or refused in words; nothing of it is an error of the service."""

from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.service import RunningApplication

# What has meaning somewhere on the way: SQL, tsquery, LIKE, regular expressions, JSON, paths, controls, writing
# directions, letters that folding changes in number.
PIECES: Final = (
    *"'\"\\;%_?*+()[]{}&|!-~^\n\r\t\x00\x1b\x7f", *map(chr, (0xFEFF, 0x200B, 0x200D, 0x202E, 0x2028, 0x10FFFF, 0xD800)),
    *"\u0301ﬁİß🚛’«№½²ǆカ١", "''", "--", "/*", "*/", "$1", "$$", "<->", "<2>", ":*", ":A", "::int", "&&", "||", "!!",
    "@@", "drop table", "or 1=1", "union select", "to_tsquery", "null", "nan", "-infinity", "1e309", "../..",
    "${jndi:x}", "{{7*7}}", "SEM1", "колодки", "амотризатор", "309x242", "M12x1.5",
)  # fmt: skip
typed = st.one_of(
    st.text(max_size=250),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map("".join),
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=30).map(" ".join),
)
ACCEPTED = frozenset({200, 422})


def encoded(text: str) -> bytes:
    """The bytes of the query string; a lone surrogate goes as it would from a client that does not care."""
    return b"q=" + b"".join(b"%%%02X" % byte for byte in text.encode("utf-8", "surrogatepass"))


@given(text=typed)
@settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
async def test_any_text(application: RunningApplication, text: str) -> None:
    for path in ("/search", "/autocomplete"):
        answer = await application.client.get(path, params=encoded(text))
        assert answer.status_code in ACCEPTED, answer.text


LONG: Final = {
    "letters": "ж" * 10_000,
    "words": "колодки " * 1_250,
    "digits": "1" * 10_000,
    "operators": "&|!()" * 2_000,
    "quotes": "'" * 10_000,
    "brackets": "(" * 10_000,
    "combining": "а" + "\u0301" * 9_999,
    "blanks": " " * 10_000,
    "NUL": "\x00" * 10_000,
}


@pytest.mark.parametrize("kind", LONG)
async def test_ten_thousand_characters(application: RunningApplication, kind: str) -> None:
    for path in ("/search", "/autocomplete"):
        answer = await application.client.get(path, params={"q": LONG[kind]})
        assert 400 <= answer.status_code < 500
        assert answer.headers["content-type"] == "application/problem+json"
        for bounded in (LONG[kind][:200], LONG[kind][:199].strip()):
            within = await application.client.get(path, params=encoded(bounded))
            assert within.status_code in ACCEPTED


@pytest.mark.parametrize("query", [b"q=%ff%fe", b"q=%", b"q=%zz", b"q=a&q=b", b"=", b"q=1;drop", b"q[]=1", b"q"])
async def test_query_strings_no_client_would_write(application: RunningApplication, query: bytes) -> None:
    answer = await application.client.get("/search", params=query)
    assert answer.status_code in ACCEPTED
