"""A route that reads its query string by itself answers as FastAPI would have it answer."""

from typing import Annotated

import httpx
import pytest
from fastapi import APIRouter, Depends, FastAPI, Query, Request, Response
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException

from service.problems import install_problem_handlers
from service.routes.parameters import AutocompleteParameters, SearchParameters
from service.routes.query_route import QueryRoute

QUERY_STRINGS = [
    "",
    "q=колодки%20гальмівні&language=uk",
    "q=a&q=b&limit=5&limit=7",
    "q=a+b&category_id=3&category_id=1&available=true&price_min=1.5",
    "q=a&category_id=",
    "q=a&category_id=x&limit=0&language=xx",
    "q=a&fields=product_id,name&highlight=1&highlight_pre_tag=%3Cb%3E&unknown=1",
    "q=a&price_min=5&price_max=1",
    "q=a&cursor=nonsense",
    "q=%ff%fe&supplier=%00",
    "q=100%&facets=category;q=b",
    "&&q=a&=&limit",
    "q=%e2%82+%ed%a0%80+%f0%9f%94%a7+%2B%26%3D%23&supplier=%d0%b0%d",
    "q=é<>\"'\\;:@|^`{}[]!$()*,/?~",
]


async def guard(request: Request) -> None:
    if "x-key" not in request.headers:
        raise HTTPException(401, "no key")


def application(route_class: type[APIRoute]) -> FastAPI:
    router = APIRouter(route_class=route_class, dependencies=[Depends(guard)])

    @router.get("/search")
    async def search(request: Request, asked: Annotated[SearchParameters, Query()]) -> Response:
        return Response(f"{request.url.path} {asked!r} {asked.request('uk')!r}")

    @router.get("/autocomplete")
    async def autocomplete(request: Request, asked: Annotated[AutocompleteParameters, Query()]) -> Response:
        return Response(f"{request.url.path} {asked!r}")

    @router.post("/search")
    async def by_body(asked: AutocompleteParameters) -> Response:
        return Response(repr(asked))

    app = FastAPI()
    install_problem_handlers(app)
    app.include_router(router)
    return app


PLAIN, OWN = application(APIRoute), application(QueryRoute)


async def answers(method: str, address: str, headers: dict[str, str]) -> list[tuple[int, str, list[tuple[str, str]]]]:
    """Return what a plain route and ours answer."""
    found = []
    for app in (PLAIN, OWN):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as client:
            answer = await client.request(
                method, address, headers=headers, json={"q": "a"} if method == "POST" else None
            )
            found.append((answer.status_code, answer.text, answer.headers.multi_items()))
    return found


@pytest.mark.parametrize("query_string", QUERY_STRINGS)
@pytest.mark.parametrize("path", ["/search", "/autocomplete"])
async def test_the_answer_is_the_same(path: str, query_string: str) -> None:
    plain, own = await answers("GET", f"{path}?{query_string}", {"x-key": "1"})
    assert own == plain
    assert own[0] in (200, 422)


@pytest.mark.parametrize(("method", "status"), [("GET", 200), ("POST", 200), ("DELETE", 405)])
async def test_so_are_other_methods_and_refusals(method: str, status: int) -> None:
    plain, own = await answers(method, "/search?q=a", {"x-key": "1"})
    assert own == plain
    assert own[0] == status
    plain, own = await answers(method, "/search?q=a", {})
    assert own == plain
    assert own[0] == (405 if status == 405 else 401)


def test_the_description_is_the_same() -> None:
    assert OWN.openapi() == PLAIN.openapi()
