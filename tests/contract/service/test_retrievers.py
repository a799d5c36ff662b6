"""Every retriever keeps the contract."""

from dataclasses import replace

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
        others = {each.name: each for each in application.state.retrievers}
        found = {}
        for is_in_mart in (True, False):
            comparison = await retriever.compare(query, ("xf105",))
            assert comparison is not None
            compared = replace(query, comparison=comparison._replace(is_in_mart=is_in_mart))
            async with application.state.pool.acquire() as connection:
                by_meaning = await retriever.retrieve(connection, compared, 100)
                by_words = await others["fulltext"].retrieve(connection, compared, 100)
            found[is_in_mart] = {
                each.product_id: each.closeness for run in (by_meaning, by_words) for each in run.candidates
            }
            assert all(each.closeness.similarity == each.score for each in by_meaning.candidates if each.closeness)
            nearest = {each.product_id: each.closeness for each in by_meaning.candidates}
            both = [each for each in by_words.candidates if each.product_id in nearest]
            assert both
            for each in both:
                assert each.closeness is not None
                assert each.closeness == pytest.approx(nearest[each.product_id], abs=1e-6)
            assert any(near and near.vehicle == 1.0 for near in found[is_in_mart].values())
            assert not any(near and near.vehicle and near.other_vehicle for near in found[is_in_mart].values())
        assert found[True] == found[False]
        assert all(near is not None for near in found[True].values())


def test_every_registered_retriever_is_held_to_the_contract() -> None:
    class NoEncoder:
        model_id = "none"

        def encode_query(self, text: str) -> None:
            raise NotImplementedError(text)

    held = {suite.name for suite in RetrieverContract.__subclasses__()}
    registered = build_retrievers(NoEncoder(), smallest_similarity=0.0)  # type: ignore[arg-type]
    assert {retriever.name for retriever in registered} <= held
