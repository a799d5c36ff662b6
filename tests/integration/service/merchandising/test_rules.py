"""Rules are stored, listed and audited; what does not fit is refused."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from httpx import Response

from cordsearch.database import connect
from service.merchandising.models import MOST_RULES, ChangesPage, RulesPage, StoredRule
from service.schemas import Problem
from tests.service import RunningApplication


def problem(answer: Response, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    return Problem.model_validate_json(answer.content).detail


async def test_a_rule_is_created_shown_replaced_listed_and_deleted(shop: RunningApplication) -> None:
    client = shop.client
    created = await client.post("/admin/rules", json={"kind": "stop_words", "words": ["купити"], "note": "  why  "})
    assert created.status_code == 201
    rule = StoredRule.model_validate_json(created.content, extra="forbid")
    path = created.headers["location"]
    assert path == f"/admin/rules/{rule.id}"
    assert rule.rule.note == "why"
    assert (await client.get(path)).json() == created.json()

    replaced = await client.put(path, json={"kind": "stop_words", "words": ["купити", "ціна"]})
    assert replaced.status_code == 200
    assert StoredRule.model_validate_json(replaced.content).updated_at > rule.updated_at
    assert (await client.get(path)).json()["rule"]["words"] == ["купити", "ціна"]

    assert "kind stop_words" in problem(await client.put(path, json={"kind": "synonyms", "words": ["a1", "b1"]}), 409)
    assert (await client.delete(path)).status_code == 204
    for answer in (
        await client.get(path),
        await client.delete(path),
        await client.put(path, json={"kind": "stop_words", "words": ["ціна"]}),
    ):
        assert f"no rule {rule.id}" in problem(answer, 404)


async def test_lists_come_in_pages(shop: RunningApplication, decide: Callable[..., Any]) -> None:
    made = [(await decide(kind="stop_words", words=[word])).id for word in ("один", "два", "три")]
    await decide(kind="synonyms", words=["лампа", "ліхтар"])
    seen: list[int] = []
    after: int | None = 0
    while after is not None:
        answer = await shop.client.get("/admin/rules", params={"kind": "stop_words", "limit": 2, "after": after})
        page = RulesPage.model_validate_json(answer.content)
        assert page.total == 3
        seen += [item.id for item in page.items]
        after = page.next_after
    assert seen == made
    assert RulesPage.model_validate_json((await shop.client.get("/admin/rules")).content).total == 4


async def test_every_change_is_audited_also_one_by_hand(shop: RunningApplication, shop_url: str) -> None:
    path = (await shop.client.post("/admin/rules", json={"kind": "stop_words", "words": ["купити"]})).headers[
        "location"
    ]
    await shop.client.put(path, json={"kind": "stop_words", "words": ["ціна"]})
    rule_id = int(path.rsplit("/", 1)[1])
    with connect(shop_url) as connection:
        connection.execute("delete from merchandising.rule where rule_id = %s", (rule_id,))
    answer = await shop.client.get("/admin/audit", params={"rule_id": rule_id})
    changes = ChangesPage.model_validate_json(answer.content, extra="forbid").items
    assert [change.action for change in changes] == ["delete", "replace", "create"]
    words = [[side and side["words"] for side in (change.before, change.after)] for change in changes]
    assert words == [[["ціна"], None], [["купити"], ["ціна"]], [None, ["купити"]]]
    assert [change.changed_by for change in changes[1:]] == ["anonymous"] * 2
    assert changes[0].changed_by.startswith("database user ")
    first = await shop.client.get("/admin/audit", params={"rule_id": rule_id, "limit": 2})
    before = ChangesPage.model_validate_json(first.content).next_before
    rest = await shop.client.get("/admin/audit", params={"rule_id": rule_id, "before": before})
    assert [change["id"] for change in rest.json()["items"]] == [changes[2].id]
    assert rest.json()["next_before"] is None


async def test_what_does_not_fit_is_refused_and_leaves_no_trace(shop: RunningApplication) -> None:
    before = (await shop.client.get("/admin/audit")).json()
    for body, status, reason in (
        (
            {"kind": "query", "queries": ["колодки"], "hides": [999_999_998, 999_999_999]},
            409,
            "no product 999999998, 999999999",
        ),
        ({"kind": "boost", "products": {"supplier": "NOSUCH"}, "addition": 0.1}, 409, "no product of the catalogue"),
        ({"kind": "boost", "products": {"product_ids": [999_999_999]}, "addition": 0.1}, 409, "no product 999999999"),
        ({"kind": "stop_words", "words": ["дві ціни"]}, 409, "not one word"),
        ({"kind": "stop_words", "words": ["a\x00b"]}, 422, "NUL"),
        ({"kind": "stop_words", "words": ["\ud800"]}, 422, "unicode"),
        ({"kind": "stop_words", "words": ["купити"], "\ud800": 1}, 422, "unicode"),
        ({"kind": "banner"}, 422, "does not match"),
        ([], 422, "valid dictionary"),
    ):
        answer = await shop.client.post(
            "/admin/rules", content=json.dumps(body), headers={"content-type": "application/json"}
        )
        assert reason in problem(answer, status)
    assert (await shop.client.get("/admin/audit")).json() == before
    assert "after" in problem(await shop.client.get("/admin/rules", params={"after": -1}), 422)
    assert "limit" in problem(await shop.client.get("/admin/audit", params={"limit": 201}), 422)


async def test_there_is_a_most_of_each_kind(shop: RunningApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MOST_RULES, "stop_words", 1)
    rule = {"kind": "stop_words", "words": ["купити"]}
    answers = await asyncio.gather(*(shop.client.post("/admin/rules", json=rule) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [201, 409]
    refused = next(answer for answer in answers if answer.status_code == 409)
    assert "Delete one" in problem(refused, 409)
    assert (await shop.client.get("/admin/rules")).json()["total"] == 1
