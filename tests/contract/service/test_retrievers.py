"""Every retriever keeps the contract."""

from service.search.retrievers import build_retrievers
from tests.contract.service.retriever_contract import RetrieverContract


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


def test_every_registered_retriever_is_held_to_the_contract() -> None:
    class NoEncoder:
        model_id = "none"

        def encode_query(self, text: str) -> None:
            raise NotImplementedError(text)

    held = {suite.name for suite in RetrieverContract.__subclasses__()}
    registered = build_retrievers(NoEncoder(), smallest_similarity=0.0)  # type: ignore[arg-type]
    assert {retriever.name for retriever in registered} <= held
