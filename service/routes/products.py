"""``GET /products/{product_id}/similar`` and ``GET /products/{product_id}/analogues``."""

from http import HTTPStatus
from typing import Annotated, Any

import orjson
from fastapi import APIRouter, Query, Response

from service.presentation import analogues_answer, similar_answer
from service.problems import problem
from service.routes.parameters import ProductId, RelatedParameters
from service.schemas import AnaloguesResponse, Problem, SimilarResponse
from service.state import State

router = APIRouter(prefix="/products/{product_id}", tags=["products"])

_PROBLEMS: dict[int | str, dict[str, Any]] = {
    404: {"model": Problem, "description": "There is no such product."},
    422: {"model": Problem, "description": "A parameter is out of bounds."},
    503: {"model": Problem, "description": "The database does not answer."},
}


@router.get(
    "/similar",
    summary="Find products like this one",
    response_class=Response,
    responses={200: {"model": SimilarResponse, "description": "The products, best first."}, **_PROBLEMS},
)
async def similar(state: State, product_id: ProductId, asked: Annotated[RelatedParameters, Query()]) -> Response:
    """Find products whose texts mean the same.

    By similarity, with a little for stock and demand; parts for another make last. Never the product itself, nor
    another card of its vendor code. Each vendor code comes once; of products with the same text three come first, the
    others after all other texts.
    """
    answer = await state.related.similar(product_id, asked.limit, available=asked.available)
    if answer is None:
        return _unknown(product_id)
    body = similar_answer(answer, asked.language or state.settings.search_default_language)
    return Response(orjson.dumps(body), media_type="application/json")


@router.get(
    "/analogues",
    summary="Find what may replace this product",
    response_class=Response,
    responses={200: {"model": AnaloguesResponse, "description": "The products, best first."}, **_PROBLEMS},
)
async def analogues(state: State, product_id: ProductId, asked: Annotated[RelatedParameters, Query()]) -> Response:
    """Find declared analogues and products that share a number, each with its reasons.

    Declared ones that also share a number come first, then what is in stock, then what is in demand; what only shares
    digits and is for another make comes last, marked. Numbers that say nothing make no analogues: shorter than four
    characters, without a digit, one character repeated, or on more than 100 other products.
    """
    answer = await state.related.analogues(product_id, asked.limit, available=asked.available)
    if answer is None:
        return _unknown(product_id)
    body = analogues_answer(answer, asked.language or state.settings.search_default_language)
    return Response(orjson.dumps(body), media_type="application/json")


def _unknown(product_id: int) -> Response:
    return problem(HTTPStatus.NOT_FOUND, f"There is no product {product_id} in the catalogue.")
