"""The nearest products of one supplier are exact: every vector of his is compared, and his index is what finds them."""

import numpy as np
import pytest

from embeddings.encoder import vector_table_name
from service.search.filters import Filters
from service.search.query import understand
from service.search.retrievers.vector import VectorRetriever
from tests.service import RunningApplication

_LIMIT = 10

SUPPLIER = """
select left(vendor_code_normalised, 3) as supplier
from staging_marts.dim_product_search
group by 1
order by count(*) desc, 1
limit 1
"""
VECTORS = """
select stored.product_id, stored.embedding::real[] as embedding
from embeddings.{vectors} as stored
inner join staging_marts.dim_product_search as product on product.product_id = stored.product_id
where
    product.vendor_code_normalised like $1 || '%'
    and ($2::boolean is null or (product.available_quantity > 0) = $2)
    and stored.embedding is not null
"""


@pytest.mark.parametrize("available", [None, True])
@pytest.mark.parametrize("text", ["колодки тормозные", "фільтр масляний", "amortyzator"])
async def test_the_nearest_of_a_supplier_are_exact(
    application: RunningApplication,
    text: str,
    available: bool | None,  # noqa: FBT001
) -> None:
    encoder = application.state.encoder
    assert encoder is not None
    vectors = VECTORS.replace("{vectors}", vector_table_name(encoder.model_id))
    async with application.state.pool.acquire() as connection:
        supplier = await connection.fetchval(SUPPLIER)
        rows = await connection.fetch(vectors, supplier, available)
        query = understand(text, application.state.vocabulary(), Filters(supplier=supplier, available=available))
        query_vector = encoder.encode_query(query.to_encode)
        found = await VectorRetriever(encoder, -1.0).retrieve(connection, query, _LIMIT)
    near = sorted((float(np.dot(query_vector, row["embedding"])) for row in rows), reverse=True)
    assert len(near) > _LIMIT
    assert [each.score for each in found.candidates] == pytest.approx(near[:_LIMIT], abs=2e-3)
