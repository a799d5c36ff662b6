"""``GET /products/{id}/similar`` on a real catalogue."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from embeddings.encoder import vector_table_name
from service.schemas import Problem, SimilarResponse
from tests.catalogue import Catalogue
from tests.service import RunningApplication, running_application, service_settings


@pytest_asyncio.fixture(loop_scope="session")
async def own(catalogue: Catalogue, catalogue_database: str) -> AsyncIterator[RunningApplication]:
    """The application on a database of this test's own."""
    async with running_application(service_settings(catalogue), catalogue_database) as running:
        yield running


async def similar(application: RunningApplication, product_id: int, **parameters: str | int) -> SimilarResponse:
    answer = await application.client.get(f"/products/{product_id}/similar", params=parameters)
    assert answer.status_code == 200, answer.text
    return SimilarResponse.model_validate_json(answer.content, extra="forbid")


async def run(application: RunningApplication, statement: str, *arguments: Any) -> list[Any]:
    async with application.state.writing_pool.acquire() as connection:
        return list(await connection.fetch(statement, *arguments))


def vectors(application: RunningApplication) -> str:
    assert application.state.encoder is not None
    return f"embeddings.{vector_table_name(application.state.encoder.model_id)}"


async def some_products(application: RunningApplication) -> list[int]:
    rows = await run(application, f"select product_id from {vectors(application)} order by product_id limit 12")
    return [row["product_id"] for row in rows]


async def test_products_like_it_never_itself_nor_a_vendor_code_twice(application: RunningApplication) -> None:
    assert application.state.encoder is not None
    for product_id in await some_products(application):
        body = await similar(application, product_id)
        assert body.product_id == product_id
        assert body.model == application.state.encoder.model_id
        assert 0 < len(body.hits) <= 20
        assert body.nothing_because is None
        assert product_id not in {hit.product_id for hit in body.hits}
        codes = [hit.vendor_code for hit in body.hits if hit.vendor_code]
        assert len(set(codes)) == len(codes)


async def test_the_similarity_is_the_cosine_of_the_vectors(application: RunningApplication) -> None:
    for product_id in (await some_products(application))[:4]:
        body = await similar(application, product_id, limit=50)
        rows = await run(
            application,
            f"""select one.product_id, 1 - (one.embedding <=> other.embedding) as similarity
            from {vectors(application)} as one
            inner join {vectors(application)} as other on other.product_id = $1
            where one.product_id = any($2::bigint[])""",
            product_id,
            [hit.product_id for hit in body.hits],
        )
        exact = {row["product_id"]: row["similarity"] for row in rows}
        assert all(abs(hit.similarity - exact[hit.product_id]) < 0.001 for hit in body.hits)
        assert min(exact.values()) >= application.state.settings.search_smallest_similarity


async def test_parts_for_another_make_come_last(application: RunningApplication) -> None:
    rows = await run(
        application,
        "select product_id, car_brand_ids from staging_marts.dim_product_search where cardinality(car_brand_ids) > 0",
    )
    makes = {row["product_id"]: set(row["car_brand_ids"]) for row in rows}
    seen = 0
    for product_id in sorted(makes)[:20]:
        hits = (await similar(application, product_id, limit=50)).hits
        others = [makes[product_id].isdisjoint(makes.get(hit.product_id, makes[product_id])) for hit in hits]
        assert others == sorted(others)
        seen += any(others)
    assert seen


async def test_stock_filter_language_and_limit(application: RunningApplication) -> None:
    product_id = (await some_products(application))[0]
    for wanted in ("true", "false"):
        body = await similar(application, product_id, available=wanted, limit=5, language="pl")
        assert len(body.hits) == 5
        assert all(hit.available is (wanted == "true") for hit in body.hits)
        assert body.language == "pl"
        assert all(hit.name == hit.names.pl for hit in body.hits if hit.names.pl and hit.name_language == "pl")


@pytest.mark.parametrize("relation", ["similar", "analogues"])
@pytest.mark.parametrize(
    ("path", "status", "cause"),
    [
        ("999999999", 404, "no product 999999999"),
        (str(2**53 - 1), 404, "no product"),
        (str(2**53), 422, "product_id"),
        ("0", 422, "product_id"),
        ("abc", 422, "product_id"),
        ("1?limit=0", 422, "limit"),
        ("1?limit=51", 422, "limit"),
        ("1?available=maybe", 422, "available"),
        ("1?language=de", 422, "language"),
    ],
)
async def test_bad_input_and_unknown_products_are_problems(
    application: RunningApplication, relation: str, path: str, status: int, cause: str
) -> None:
    product_id, _, query = path.partition("?")
    answer = await application.client.get(f"/products/{product_id}/{relation}?{query}")
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    assert cause in Problem.model_validate_json(answer.content).detail


async def test_a_product_without_a_vector_says_so(own: RunningApplication) -> None:
    first, second, third = (await some_products(own))[:3]
    await run(own, f"update {vectors(own)} set embedding = null where product_id = $1", first)
    await run(own, f"delete from {vectors(own)} where product_id = $1", second)
    for product_id in (first, second):
        body = await similar(own, product_id)
        assert (body.hits, body.nothing_because) == ([], "no_vector")
    nearest = await similar(own, third, limit=50)
    assert {first, second}.isdisjoint(hit.product_id for hit in nearest.hits)


async def test_other_cards_of_its_vendor_code_are_left_out(own: RunningApplication) -> None:
    product_id = (await some_products(own))[0]
    before = [hit.product_id for hit in (await similar(own, product_id)).hits]
    await run(
        own,
        """update staging_marts.dim_product_search as twin set vendor_code_normalised = product.vendor_code_normalised
        from staging_marts.dim_product_search as product
        where product.product_id = $1 and twin.product_id = any($2::bigint[])""",
        product_id,
        before[:2],
    )
    after = [hit.product_id for hit in (await similar(own, product_id)).hits]
    assert not set(before[:2]) & set(after)
    assert set(before[2:]) <= set(after)


async def test_nothing_near_enough_says_so(own: RunningApplication) -> None:
    product_id = (await some_products(own))[0]
    rows = await run(
        own, f"select vector_dims(embedding) as size from {vectors(own)} where product_id = $1", product_id
    )
    far = "[" + ",".join("1" if place % 2 else "-1" for place in range(rows[0]["size"])) + "]"
    await run(own, f"update {vectors(own)} set embedding = '{far}'::halfvec where product_id = $1", product_id)
    body = await similar(own, product_id)
    assert (body.hits, body.nothing_because) == ([], "nothing_near")


async def test_without_a_model_there_is_nothing_but_the_reason(catalogue: Catalogue, catalogue_database: str) -> None:
    async with running_application(service_settings(catalogue), catalogue_database) as application:
        product_id = (await some_products(application))[0]
        await run(application, "update embeddings.model set active = false")
        await application.state.retrievers.refresh()
        body = await similar(application, product_id)
        assert (body.hits, body.nothing_because, body.model) == ([], "no_model", None)
        assert (await application.client.get("/products/999999999/similar")).status_code == 404
