"""One search from its parameters to the body of its answer, whichever route it came by.

Stage: service, HTTP.
"""

from service.presentation import Json, search_answer
from service.routes.parameters import SearchParameters
from service.state import ServiceState


async def answer_search(state: ServiceState, asked: SearchParameters) -> Json:
    """Return the body of the answer. Raises DatabaseUnavailableError."""
    language = asked.language or state.settings.search_default_language
    answer = await state.search.search(asked.request(language))
    if asked.analytics:
        state.shoppers.searches.record(answer, language, asked.offset)
    body = search_answer(answer, asked.shape(language, explain=asked.explain))
    body["next_cursor"] = asked.next_cursor(answer.progress)
    return body
