"""``GET /products/{product_id}``, ``GET /products/{product_id}/similar`` and ``.../analogues``."""

from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Request, Response

from service.answers.caching import kept_answer
from service.answers.fields import select, split_fields
from service.answers.parameters import ProductParameters
from service.answers.product import load_product, product_answer
from service.answers.schemas import ProductResponse, SelectedProductResponse
from service.presentation import analogues_answer, similar_answer
from service.problems import problem
from service.routes.parameters import ProductId, RelatedParameters
from service.schemas import AnaloguesResponse, Problem, SimilarResponse
from service.state import State

router = APIRouter(prefix="/products/{product_id}", tags=["products"])

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    304: {"description": "The client has this answer (`If-None-Match`)."},
    404: {"model": Problem, "description": "There is no such product."},
    422: {"model": Problem, "description": "A parameter is out of bounds."},
    503: {"model": Problem, "description": "The database does not answer."},
}


@router.get(
    "",
    summary="Show one product in full",
    response_class=Response,
    responses={
        200: {"model": ProductResponse | SelectedProductResponse, "description": "Everything known about it."},
        **_PROBLEMS,
    },
)
async def product(
    request: Request, state: State, product_id: ProductId, asked: Annotated[ProductParameters, Query()]
) -> Response:
    """Show names, texts and addresses in all languages, prices by list, stock by storage, numbers and images."""
    card = await load_product(state.pool, state.list_names, product_id)
    if card is None:
        return _unknown(product_id)
    body = product_answer(card, asked.language or state.settings.search_default_language)
    return kept_answer(request, orjson.dumps(select(body, split_fields(asked.fields) if asked.fields else None)))


@router.get(
    "/similar",
    summary="Find products like this one",
    response_class=Response,
    responses={200: {"model": SimilarResponse, "description": "The products, best first."}, **_PROBLEMS},
)
async def similar(
    request: Request, state: State, product_id: ProductId, asked: Annotated[RelatedParameters, Query()]
) -> Response:
    """Find products whose texts mean the same.

    By similarity, with a little for stock and demand; parts for another make last. Never the product itself, nor
    another card of its vendor code. Each vendor code comes once; of products with the same text three come first, the
    others after all other texts.
    """
    answer = await state.related.similar(product_id, asked.limit, available=asked.available)
    if answer is None:
        return _unknown(product_id)
    body = similar_answer(answer, asked.language or state.settings.search_default_language)
    return kept_answer(request, orjson.dumps(body), of=orjson.dumps(body["hits"]))


@router.get(
    "/analogues",
    summary="Find what may replace this product",
    response_class=Response,
    responses={200: {"model": AnaloguesResponse, "description": "The products, best first."}, **_PROBLEMS},
)
async def analogues(
    request: Request, state: State, product_id: ProductId, asked: Annotated[RelatedParameters, Query()]
) -> Response:
    """Find declared analogues and products that share a number, each with its reasons.

    Declared ones that also share a number come first, then what is in stock, then what is in demand; what only shares
    digits and is for another make comes last, marked. Numbers that say nothing make no analogues: shorter than four
    characters, without a digit, one character repeated, or on more than 100 other products.
    """
    answer = await state.related.analogues(product_id, asked.limit, available=asked.available)
    if answer is None:
        return _unknown(product_id)
    body = analogues_answer(answer, asked.language or state.settings.search_default_language)
    return kept_answer(request, orjson.dumps(body), of=orjson.dumps(body["hits"]))


def _unknown(product_id: int) -> Response:
    return problem(HTTPStatus.NOT_FOUND, f"There is no product {product_id} in the catalogue.")
