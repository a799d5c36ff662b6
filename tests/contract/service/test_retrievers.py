"""Every retriever keeps the contract."""

import pytest

from service.search.retrieve import Retriever
from service.search.retrievers import build_retrievers
from service.search.retrievers.vector import VectorRetriever
from tests.contract.service.retriever_contract import RetrieverContract
from tests.service import RunningApplication


class TestCode(RetrieverContract):
    name = "code"
    answered = "81.4"
    not_wanted = "колодки тормозные"


class TestFulltext(RetrieverContract):
    name = "fulltext"
    answered = "колодки тормозные"
    not_wanted = "тормзные колодки"


class TestTrigram(RetrieverContract):
    name = "trigram"
    answered = "тормзные колодки"
    not_wanted = "колодки тормозные"


class TestVector(RetrieverContract):
    name = "vector"
    answered = "колодки тормозные"
    not_wanted = "SEM143"

    async def test_compares_products_that_any_retriever_proposed(
        self, application: RunningApplication, retriever: Retriever
    ) -> None:
        assert isinstance(retriever, VectorRetriever)
        query = await self.understand(application, "масляный фильтр daf")
        async with application.state.pool.acquire() as connection:
            found = await retriever.retrieve(connection, query, 10)
            asked = [candidate.product_id for candidate in found.candidates]
            compared = await retriever.compare(connection, query, [*asked, -1])
        assert set(compared) == set(asked)
        for candidate in found.candidates:
            assert compared[candidate.product_id].similarity == pytest.approx(candidate.score, abs=1e-3)
        assert any(near.vehicle == 1.0 for near in compared.values())
        assert not any(near.vehicle and near.other_vehicle for near in compared.values())


def test_every_registered_retriever_is_held_to_the_contract() -> None:
    class NoEncoder:
        model_id = "none"

        def encode_query(self, text: str) -> None:
            raise NotImplementedError(text)

    held = {suite.name for suite in RetrieverContract.__subclasses__()}
    registered = build_retrievers(NoEncoder(), smallest_similarity=0.0)  # type: ignore[arg-type]
    assert {retriever.name for retriever in registered} <= held
