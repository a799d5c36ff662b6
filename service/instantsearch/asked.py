"""One request of the client, read: what is asked for, and what is refused. Pure.

Stage: service, HTTP. Reads one entry of ``requests`` in any of the forms that clients send; writes an
:class:`AskedSearch`.

Every parameter is one of three: it is read; it is known not to change which products are found, and ignored; or it is
refused by name. Names and meanings: https://www.algolia.com/doc/rest-api/search/search and
https://www.algolia.com/doc/api-reference/search-api-parameters
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import JsonValue

from service.instantsearch import values
from service.instantsearch.conditions import Group, check_size, read_facet_filters, read_numeric_filters
from service.instantsearch.filter_language import read_filters
from service.instantsearch.refused import RefusedRequestError
from service.instantsearch.values import Parameters

LARGEST_PAGE: Final = 100  # products
REACHABLE: Final = 1_000  # products that can be paged through
MOST_VALUES: Final = 1_000  # of one facet
_DEFAULT_PAGE: Final = 20
_DEFAULT_VALUES: Final = 100
_DEFAULT_FACET_HITS: Final = 10

# Read below, or by whoever reads the request as a whole.
_READ: Final = frozenset({
    "attributesToHighlight", "attributesToRetrieve", "attributesToSnippet", "clickAnalytics", "analytics", "distinct",
    "facet", "facetFilters", "facetQuery", "facets", "filters", "highlightPostTag", "highlightPreTag", "hitsPerPage",
    "indexName", "length", "maxFacetHits", "maxValuesPerFacet", "naturalLanguages", "numericFilters", "offset", "page",
    "params", "query", "queryLanguages", "sortFacetValuesBy", "snippetEllipsisText", "type", "typoTolerance",
    "restrictHighlightAndSnippetArrays", "userToken",
})  # fmt: skip
# They tune how the original finds and ranks. This service has one way of its own, with typos, languages and synonyms.
_IGNORED: Final = frozenset({
    "advancedSyntaxFeatures", "allowTyposOnNumericTokens", "alternativesAsExact", "analyticsTags",
    "attributeCriteriaComputedByMinProximity", "customRanking", "decompoundQuery", "disableExactOnAttributes",
    "disablePrefixOnAttributes", "disableTypoToleranceOnAttributes", "enableABTest", "enablePersonalization",
    "enableReRanking", "enableRules", "exactOnSingleWordQuery", "explain", "extensions", "facetingAfterDistinct",
    "getRankingInfo", "ignorePlurals", "keepDiacriticsOnCharacters", "minProximity", "minWordSizefor1Typo",
    "minWordSizefor2Typos", "mode", "optionalFilters", "percentileComputation", "personalizationImpact", "queryType",
    "ranking", "relevancyStrictness", "removeStopWords", "removeWordsIfNoResults", "renderingContent",
    "reRankingApplyFilter", "replaceSynonymsInHighlight", "responseFields", "ruleContexts", "semanticSearch",
    "sumOrFiltersScores", "synonyms", "userData", "x-algolia-agent", "x-algolia-api-key", "x-algolia-application-id",
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class AskedSearch:
    """What one request asks for. ``groups`` must all hold; ``retrieve`` and ``highlight`` are None where not given.

    ``facet`` is set when the values of one facet are searched, instead of products.
    """

    index: str
    text: str
    limit: int
    offset: int
    by_offset: bool
    groups: Sequence[Group]
    facets: Sequence[str]
    most_values: int
    values_by_name: bool
    retrieve: Sequence[str] | None
    highlight: Sequence[str] | None
    snippet: Sequence[str]
    pre_tag: str
    post_tag: str
    languages: Sequence[str]
    correct: bool
    distinct: bool
    search_id_wanted: bool
    counted: bool
    user: str
    facet: str
    facet_query: str
    most_facet_hits: int
    echo: str


def read_request(request: Parameters, index: str = "") -> AskedSearch:
    """Return what ``request`` asks of ``index``, or of the index it names.

    Raises:
        RefusedRequestError: a value cannot be read, or asks for what the service does not have.
    """
    parameters = flattened(request)
    _refuse_unknown(parameters)
    offset, limit = _window(parameters)
    groups = _groups(parameters)
    return AskedSearch(
        index=index or values.text(parameters, "indexName"),
        text=values.text(parameters, "query").strip(),
        limit=limit,
        offset=offset,
        by_offset=parameters.get("offset") is not None or parameters.get("length") is not None,
        groups=groups,
        facets=values.texts(parameters, "facets") or (),
        most_values=values.integer(parameters, "maxValuesPerFacet", _DEFAULT_VALUES, low=0, high=MOST_VALUES),
        values_by_name=_values_by_name(parameters),
        retrieve=values.texts(parameters, "attributesToRetrieve"),
        highlight=values.texts(parameters, "attributesToHighlight"),
        snippet=values.texts(parameters, "attributesToSnippet") or (),
        pre_tag=values.text(parameters, "highlightPreTag", "<em>", longest=100),
        post_tag=values.text(parameters, "highlightPostTag", "</em>", longest=100),
        languages=_languages(parameters),
        correct=parameters.get("typoTolerance") not in (False, "false"),
        distinct=_distinct(parameters),
        search_id_wanted=values.boolean(parameters, "clickAnalytics", default=False),
        counted=values.boolean(parameters, "analytics", default=True),
        user=values.text(parameters, "userToken", longest=200),
        facet=_facet(parameters),
        facet_query=values.text(parameters, "facetQuery").strip(),
        most_facet_hits=values.integer(parameters, "maxFacetHits", _DEFAULT_FACET_HITS, low=1, high=100),
        echo=values.encode_parameters({name: value for name, value in parameters.items() if name != "indexName"}),
    )


def flattened(request: Parameters) -> dict[str, JsonValue]:
    """Return the parameters of ``request`` at one level: clients send them beside ``indexName``, or in ``params``.

    Raises:
        RefusedRequestError: ``params`` is neither an object nor a url-encoded string.
    """
    given = request.get("params")
    if isinstance(given, str):
        given = values.decode_parameters(given)
    if given is not None and not isinstance(given, dict):
        raise RefusedRequestError("params must be an object or a url-encoded string")
    return {name: value for name, value in request.items() if name != "params"} | (given or {})


def _refuse_unknown(parameters: Parameters) -> None:
    for name, value in parameters.items():
        if name not in _READ and name not in _IGNORED and not is_harmless(name, value):
            raise RefusedRequestError(
                f"{name[:100]} is not supported here: it would change which products are found; docs/instantsearch.md "
                "lists what is supported"
            )


def is_harmless(name: str, value: JsonValue) -> bool:
    """Tell whether ``value`` leaves the parameter ``name`` without effect."""
    return values.is_off(value) or (name == "strategy" and value == "none")


def _window(parameters: Parameters) -> tuple[int, int]:
    """Return offset and limit: by ``page`` and ``hitsPerPage``, or by ``offset`` and ``length``, which win."""
    page = values.integer(parameters, "page", 0, low=0, high=10**6)
    per_page = values.integer(parameters, "hitsPerPage", _DEFAULT_PAGE, low=0, high=LARGEST_PAGE)
    if parameters.get("offset") is None and parameters.get("length") is None:
        return page * per_page, per_page
    return (
        values.integer(parameters, "offset", 0, low=0, high=10**6),
        values.integer(parameters, "length", _DEFAULT_PAGE, low=0, high=LARGEST_PAGE),
    )


def _groups(parameters: Parameters) -> list[Group]:
    groups = [
        *read_filters(values.text(parameters, "filters", longest=10**5)),
        *read_facet_filters(parameters.get("facetFilters")),
        *read_numeric_filters(parameters.get("numericFilters")),
    ]
    check_size(groups)
    return groups


def _values_by_name(parameters: Parameters) -> bool:
    order = values.text(parameters, "sortFacetValuesBy", "count")
    if order not in ("count", "alpha"):
        raise RefusedRequestError(f"sortFacetValuesBy must be count or alpha, not {order[:40]!r}")
    return order == "alpha"


def _languages(parameters: Parameters) -> list[str]:
    """Return the languages asked for, the first one first; ``true`` there means: whatever the index has."""
    given = [parameters.get(name) for name in ("naturalLanguages", "queryLanguages")]
    names = ("naturalLanguages", "queryLanguages")
    return [each for name, value in zip(names, given, strict=True) if not isinstance(value, bool)
            for each in values.texts(parameters, name) or []]  # fmt: skip


def _distinct(parameters: Parameters) -> bool:
    value = parameters.get("distinct")
    if isinstance(value, bool):
        return value
    return values.integer(parameters, "distinct", 0, low=0, high=1) == 1


def _facet(parameters: Parameters) -> str:
    kind = values.text(parameters, "type", "default")
    if kind not in ("default", "facet"):
        raise RefusedRequestError(f"type must be default or facet, not {kind[:40]!r}")
    facet = values.text(parameters, "facet", longest=100)
    if kind == "facet" and not facet:
        raise RefusedRequestError("a request of type facet must name its facet")
    return facet if kind == "facet" else ""
