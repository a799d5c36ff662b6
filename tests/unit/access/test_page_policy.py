"""What the page may load: its own files, and pictures from the origins of the setting."""

import re
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from cordsearch.errors import SettingsError
from service.access.answer_headers import AnswerHeaders
from service.page import PAGE, install_page


async def get(path: str, image_origins: str = "") -> httpx.Response:
    app = FastAPI()
    install_page(app, image_origins)
    app.add_middleware(AnswerHeaders)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        return await client.get(path)


def directives(answer: httpx.Response) -> dict[str, str]:
    (policy,) = answer.headers.get_list("content-security-policy")
    return dict(part.strip().split(" ", 1) for part in policy.split(";"))


async def test_the_page_loads_nothing_but_its_own() -> None:
    page = await get("/")
    allowed = directives(page)
    assert allowed.pop("img-src") == "'self' data:"
    assert set(allowed.values()) == {"'self'", "'none'"}
    assert {allowed[name] for name in ("default-src", "base-uri", "frame-ancestors")} == {"'none'"}
    assert page.content == (PAGE / "index.html").read_bytes()


async def test_pictures_come_from_the_origins_that_policy_and_page_both_know() -> None:
    page = await get("/", "https://images.example, http://localhost:9000")
    assert directives(page)["img-src"] == "'self' data: https://images.example http://localhost:9000"
    assert '<meta name="image-origins" content="https://images.example http://localhost:9000">' in page.text
    assert page.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "origin", ["*", "images.example", "https://a.example/x", "https://a.example; script-src *", "'self'"]
)
async def test_what_is_no_origin_is_refused(origin: str) -> None:
    with pytest.raises(SettingsError, match="CORDSEARCH_IMAGE_ORIGINS"):
        await get("/", origin)


@pytest.mark.parametrize("document", sorted(PAGE.rglob("*.html")), ids=lambda file: str(file.relative_to(PAGE)))
def test_no_document_has_anything_inline(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    assert re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text) is None
    assert all("src=" in tag.partition(">")[0] for tag in text.split("<script")[1:])
