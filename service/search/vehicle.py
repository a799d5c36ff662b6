"""Which models of the make that was asked for are not the one that was asked for. Pure.

Stage: service, between understanding and the comparison. Reads what ``embeddings.vehicle_models`` learned from the
catalogue; writes nothing.

A part for another model of the make shares more words and letters with the query than one that says nothing of the
model, which is the likelier one to fit.
"""

from collections.abc import Callable, Collection, Sequence

from service.search.term import Term


def other_models(terms: Sequence[Term], models_of: Callable[[str], Collection[str]]) -> tuple[str, ...]:
    """Return lexemes of the models, sorted, that the makes named in ``terms`` have beside those named.

    Nothing where no model of these makes is named: whoever asks for a make only is served by any of its models.
    """
    vehicle = [term for term in terms if term.is_vehicle]
    models = {model for term in vehicle for model in models_of(term.text)}
    named = {lexeme for term in vehicle for alternative in term.alternatives for lexeme in alternative}
    return tuple(sorted(models - named)) if models & named else ()
