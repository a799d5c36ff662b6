"""Answers as the plain values that JSON is made of.

Stage: service, between the search and HTTP. Plain dictionaries and orjson, because validating 20 hits through a
model costs more than the database does; a contract test holds every answer to the models in ``schemas``.
"""

from typing import Any

from service.answers.fields import select
from service.answers.highlights import Marks
from service.answers.parameters import Shape
from service.search.analogues import AnalogueHit
from service.search.autocomplete import AutocompleteAnswer, Suggestion
from service.search.facets import Facet
from service.search.hydrate import display_name
from service.search.pipeline import Hit, SearchAnswer
from service.search.reading import Relaxed, showing_results_for
from service.search.related import AnaloguesAnswer, SimilarAnswer
from service.search.rows import Row

Json = dict[str, Any]


def search_answer(answer: SearchAnswer, shape: Shape) -> Json:
    """Return the body of ``GET /search``."""
    language = shape.language
    marks = Marks(answer.query, shape.tags) if shape.tags is not None else None
    return {
        "search_id": answer.search_id,
        "query": answer.query.text,
        "language": language,
        "took_ms": round(answer.took_ms, 2),
        "total": answer.total,
        "total_is_exact": answer.total_is_exact,
        "degraded": answer.degraded,
        "corrections": [
            {"from": correction.typed, "to": correction.meant, "kind": correction.kind}
            for correction in answer.query.corrections
        ],
        "showing_results_for": showing_results_for(answer.query),
        "did_you_mean": answer.did_you_mean,
        "relaxed": _relaxed(answer.relaxed),
        "rules": [rule._asdict() for rule in answer.rules] if shape.explain else None,
        "timings_ms": {stage: round(milliseconds, 2) for stage, milliseconds in answer.timings_ms.items()},
        "retrievers": [
            {
                "name": run.name,
                "candidates": len(run.retrieved.candidates),
                "took_ms": round(run.took_ms, 2),
                "status": run.status,
            }
            for run in answer.runs
        ],
        "hits": [_hit(hit, shape, marks) for hit in answer.hits],
        "analogues": [_analogue(hit, language) for hit in answer.analogues],
        "sort": answer.sort,
        "facets": {facet.name: _facet(facet) for facet in answer.facets} if answer.facets is not None else None,
    }


def _facet(facet: Facet) -> Json:
    return {
        "estimated": facet.is_estimated,
        "values": [
            {
                "value": value.value,
                "label": value.label,
                "count": value.products,
                "lowest": value.lowest,
                "highest": value.highest,
            }
            for value in facet.values
        ],
        "lowest": facet.lowest,
        "highest": facet.highest,
    }


def similar_answer(answer: SimilarAnswer, language: str) -> Json:
    """Return the body of ``GET /products/{product_id}/similar``."""
    return {
        "product_id": answer.product_id,
        "language": language,
        "took_ms": round(answer.took_ms, 2),
        "model": answer.model_id,
        "nothing_because": answer.nothing_because,
        # half floats: the cosine of a vector with itself may come out a little above 1
        "hits": [
            product_of(hit.product, language) | {"similarity": min(1.0, round(hit.similarity, 4))}
            for hit in answer.hits
        ],
    }


def analogues_answer(answer: AnaloguesAnswer, language: str) -> Json:
    """Return the body of ``GET /products/{product_id}/analogues``."""
    return {
        "product_id": answer.product_id,
        "language": language,
        "took_ms": round(answer.took_ms, 2),
        "total": answer.total,
        "total_is_exact": answer.total_is_exact,
        "hits": [_analogue(hit, language) for hit in answer.hits],
    }


def _analogue(hit: AnalogueHit, language: str) -> Json:
    reasons = [{"kind": reason.kind, "number": reason.number} for reason in hit.analogue.reasons]
    return product_of(hit.product, language) | {
        "replaces": hit.analogue.replaces,
        "reasons": reasons,
        "other_make": hit.analogue.other_make,
    }


def _relaxed(relaxed: Relaxed | None) -> Json | None:
    return None if relaxed is None else {"steps": relaxed.steps, "left_out": relaxed.left_out}


def _hit(hit: Hit, shape: Shape, marks: Marks | None) -> Json:
    ranked = hit.ranked
    body = product_of(hit.product, shape.language)
    body["score"] = _four_places(ranked.score)
    body["match"] = hit.match
    body["reasons"] = [
        {"retriever": retriever, "rank": rank, "score": _four_places(score), "matched": matched}
        for retriever, rank, score, matched, _ in ranked.fused.evidence
    ]
    body["pinned"] = ranked.pinned
    body["group"] = None if hit.group is None else {"count": len(hit.group), "product_ids": hit.group}
    body["explain"] = _explanation(hit) if shape.explain else None
    body["highlights"] = None if marks is None else marks.of(body, _found_by(hit))
    if shape.fields is None:
        return body
    beside = {name: body[name] for name in ("group", "explain", "highlights") if body[name] is not None}
    return select(body, shape.fields) | beside


def _four_places(value: float) -> float:
    """Return ``value`` with four decimals, in a third of the time ``round(value, 4)`` takes to find its digits."""
    return round(value * 10_000) / 10_000


def _found_by(hit: Hit) -> str | None:
    """Return the part number the product was found by, or None."""
    return next((each.matched for each in hit.ranked.fused.evidence if each.retriever == "code"), None)


def product_of(product: Row, language: str) -> Json:
    """Return what every list shows of a product."""
    name, name_language = display_name(product, language)
    quantity = product["available_quantity"] or 0.0
    return {
        "product_id": product["product_id"],
        "vendor_code": product["vendor_code"],
        "name": name,
        "name_language": name_language,
        "names": {"ru": product["name_ru"], "uk": product["name_uk"], "pl": product["name_pl"]},
        "main_original_number": product["main_original_number"],
        "original_numbers": product["original_numbers"] or [],
        "available_quantity": quantity,
        "available": quantity > 0,
        "price": product["price"],
        "image_url": product["image_url"],
        "category": product["category"],
    }


def _explanation(hit: Hit) -> Json:
    ranked = hit.ranked
    signals = ranked.fused.signals
    return {
        "fused_score": round(ranked.fused.score, 6),
        "retrievers": {each.retriever: round(each.share, 6) for each in ranked.fused.evidence},
        "coverage": round(ranked.fused.coverage, 3),
        "contributions": {name: round(value, 5) for name, value in hit.contributions.items()},
        "boosts": [{"rule_id": rule_id, "addition": addition} for rule_id, addition in hit.boosts],
        "signals": {
            "available": signals.available,
            "popularity": round(signals.popularity, 4),
            "demand": round(ranked.fused.demand, 4),
            "freshness": round(signals.freshness, 4),
            "data_quality": round(signals.data_quality, 4),
            "static_quality": round(signals.static_quality, 4),
            "has_image": signals.has_image,
            "has_price": signals.has_price,
            "for_web": signals.for_web,
        },
    }


def autocomplete_answer(answer: AutocompleteAnswer) -> Json:
    """Return the body of ``GET /autocomplete``."""
    return {
        "query": answer.text,
        "took_ms": round(answer.took_ms, 2),
        "suggestions": [_suggestion(suggestion) for suggestion in answer.suggestions],
    }


def _suggestion(suggestion: Suggestion) -> Json:
    return {
        "kind": suggestion.kind,
        "text": suggestion.text,
        "language": suggestion.language,
        "product_id": suggestion.product_id,
        "product_count": suggestion.product_count,
        "detail": suggestion.detail,
    }
