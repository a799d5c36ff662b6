"""The page at `/`, used in a real browser against the real service.

Stage: VECTORS -> ANSWERS, as a person meets it. Reads the demo catalogue through the running service (`running_service`
gives its base URL); writes nothing. Every test also holds three promises of the page: nothing on the console, no
request to another origin, and it works under the strict Content-Security-Policy that the service sends with it.

Needs the `playwright` package and a Chromium: one from the system, or the one `playwright install chromium` fetches.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Route

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
expect = sync_api.expect

pytestmark = pytest.mark.browser

REAL_HITS = ".hit:not(.ghost)"


@dataclass
class Visit:
    """A page under watch: what it said on the console and which addresses it asked for."""

    page: "Page"
    base_url: str
    console: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    @property
    def box(self) -> "Locator":
        """The input of the query, by its role: the order of the results is a combobox of its own."""
        return self.page.locator("input[role=combobox]")

    def open(self, address: str = "/") -> None:
        self.page.goto(self.base_url + address)

    def search(self, query: str) -> None:
        self.page.locator("#query").fill(query)
        with self.page.expect_response(lambda answer: urlsplit(answer.url).path == "/search"):
            self.page.locator("#query").press("Enter")
        self.page.locator(REAL_HITS).first.wait_for()

    def names(self) -> dict[str, str]:
        """Shown product identifiers and names, in order."""
        return {
            str(hit.get_attribute("data-product-id")): hit.locator(".hit-name").inner_text()
            for hit in self.page.locator(REAL_HITS).all()
        }

    def address(self) -> dict[str, list[str]]:
        return parse_qs(urlsplit(self.page.url).query)


@pytest.fixture
def visit(browser: "Browser", running_service: str) -> Iterator[Visit]:
    base_url = running_service.rstrip("/")
    context = browser.new_context(locale="uk-UA", viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        watched = Visit(page, base_url)

        def record_console(said: "ConsoleMessage") -> None:
            if said.type in {"error", "warning"}:
                watched.console.append(said.text)

        def record_request(request: "Request") -> None:
            watched.requested.append(request.url)

        page.on("console", record_console)
        page.on("pageerror", lambda error: watched.console.append(str(error)))
        page.on("request", record_request)
        yield watched
    finally:
        context.close()
    assert watched.console == []
    assert [url for url in watched.requested if not url.startswith(f"{base_url}/")] == []


def answer_with(visit: Visit, path: str, status: int, body: object, content_type: str = "application/json") -> None:
    """Answer every call of `path` with `body` instead of the service's answer."""

    def fulfil(route: "Route") -> None:
        route.fulfill(status=status, content_type=content_type, body=json.dumps(body))

    visit.page.route(lambda address: urlsplit(address).path == path, fulfil)


def answer_of(*hits: dict[str, object], total: int | None = None, **changes: object) -> dict[str, object]:
    """A `/search` answer with these hits."""
    shape: dict[str, object] = {
        "query": "q", "language": "uk", "took_ms": 1.5, "total": len(hits) if total is None else total,
        "total_is_exact": True, "degraded": False, "corrections": [], "timings_ms": {}, "retrievers": [],
        "showing_results_for": None, "did_you_mean": None, "relaxed": None, "hits": list(hits), "analogues": [],
    }  # fmt: skip
    return shape | changes


def hit_of(product_id: int, **changes: object) -> dict[str, object]:
    shape: dict[str, object] = {
        "product_id": product_id, "vendor_code": f"SEM{product_id}", "name": "Тяга", "name_language": "uk",
        "names": {"uk": "Тяга", "ru": None, "pl": None}, "main_original_number": "81.43220-6012",
        "original_numbers": [], "available_quantity": 2.0, "available": True, "price": None, "image_url": None,
        "category": None, "score": 0.5, "explain": None,
        "reasons": [{"retriever": "fulltext", "rank": 1, "score": 0.5, "matched": "тяг"}],
    }  # fmt: skip
    return shape | changes


def test_the_welcome_state_offers_queries_that_work(visit: Visit) -> None:
    visit.open()
    examples = visit.page.locator(".example")
    assert "SEM143" in examples.all_inner_texts()

    visit.page.get_by_role("link", name="тормозні колодки", exact=True).click()
    visit.page.locator(REAL_HITS).first.wait_for()

    assert visit.address()["q"] == ["тормозні колодки"]


def test_typing_suggests_and_arrow_and_enter_select(visit: Visit) -> None:
    visit.open()
    box = visit.box
    box.press_sequentially("колод", delay=15)
    option = visit.page.get_by_role("option").first
    option.wait_for()
    assert box.get_attribute("aria-expanded") == "true"
    expect(visit.page.get_by_role("status")).to_have_text(re.compile(r"^\d+ підказ"))

    box.press("ArrowDown")
    assert option.get_attribute("aria-selected") == "true"
    assert box.get_attribute("aria-activedescendant") == option.get_attribute("id")
    chosen = option.get_attribute("data-text")
    box.press("Enter")

    visit.page.locator(REAL_HITS).first.wait_for()
    assert box.input_value() == chosen
    assert visit.address()["q"] == [chosen]
    assert box.get_attribute("aria-expanded") == "false"


def test_escape_closes_the_suggestions_and_keeps_the_text(visit: Visit) -> None:
    visit.open()
    box = visit.box
    box.press_sequentially("колод", delay=15)
    visit.page.get_by_role("option").first.wait_for()

    box.press("Escape")
    assert visit.page.get_by_role("option").count() == 0
    assert box.input_value() == "колод"

    box.press("Escape")
    assert box.input_value() == ""


def test_a_newer_keystroke_drops_the_stale_suggestions(visit: Visit) -> None:
    held: list[Route] = []

    def hold_the_first(route: "Route") -> None:
        if parse_qs(urlsplit(route.request.url).query)["q"] == ["ко"]:
            held.append(route)  # Never answered: the page itself must give it up.
        else:
            route.continue_()

    visit.page.route(lambda address: urlsplit(address).path == "/autocomplete", hold_the_first)
    visit.open()
    box = visit.box
    with visit.page.expect_request(lambda request: urlsplit(request.url).path == "/autocomplete"):
        box.press_sequentially("ко")
    with visit.page.expect_event("requestfailed") as dropped:
        box.press_sequentially("лод", delay=15)

    visit.page.get_by_role("option").first.wait_for()
    assert len(held) == 1
    assert dropped.value.url == held[0].request.url


def test_results_show_code_availability_and_why(visit: Visit) -> None:
    visit.open()
    visit.search("колодки")

    first = visit.page.locator(REAL_HITS).first
    assert first.locator(".hit-name").inner_text() != ""
    assert visit.page.locator(".vendor-code").first.inner_text() != ""
    assert re.search("наявності", first.locator(".stock").inner_text())
    assert first.locator(".reason").count() >= 1
    assert re.search(r"№\s*\d", first.locator(".reason").first.inner_text())
    assert re.search(r"\d.*мс", visit.page.locator(".took").inner_text())
    expect(visit.page.get_by_role("status")).to_have_text(re.compile(r"^\d.* результат"))


def test_analogues_of_a_part_number_stand_apart_with_their_reasons(visit: Visit) -> None:
    shown = {name: value for name, value in hit_of(2, name="Тяга інша").items() if name not in {"score", "explain"}}
    reasons = [{"kind": "declared", "number": None}, {"kind": "shared_number", "number": "81.43220-6012"}]
    analogue = shown | {"replaces": 1, "reasons": reasons, "other_make": False}
    answer_with(visit, "/search", 200, answer_of(hit_of(1), analogues=[analogue]))
    visit.open("/?q=SEM1")

    expect(visit.page.locator("ol.hits .hit-name")).to_have_text("Тяга")
    apart = visit.page.locator("section.analogues")
    expect(apart.locator("h2")).to_have_text("Аналоги")
    expect(apart.locator(".hit-name")).to_have_text("Тяга інша")
    expect(apart.locator(".reason")).to_have_text(["замість SEM1", "зазначений аналог", "спільний номер 81.43220-6012"])


def test_the_supplier_filter_keeps_only_its_codes(visit: Visit) -> None:
    visit.open()
    visit.search("колодки")
    codes = visit.page.locator(".vendor-code").all_inner_texts()
    prefix = next(code[:3] for code in codes if re.match("[A-Z0-9]{3}", code))
    visit.page.locator("#supplier").fill(prefix.lower())
    with visit.page.expect_response(lambda answer: "supplier=" in answer.url):
        visit.page.locator("#supplier").press("Enter")

    # The filter compares codes without their punctuation.
    visit.page.wait_for_function(
        "prefix => { const codes = [...document.querySelectorAll('.hit .vendor-code')].map(code => code.textContent);"
        " return codes.length > 0 && codes.every(code => code.replace(/[^0-9A-Za-z]/g, '').startsWith(prefix)); }",
        arg=prefix,
    )
    assert visit.address()["supplier"] == [prefix.lower()]


def test_only_available_hides_what_is_out_of_stock(visit: Visit) -> None:
    visit.open()
    visit.search("колодки")
    with visit.page.expect_response(lambda answer: "available=true" in answer.url):
        visit.page.get_by_label("Лише в наявності").check()
    expect(visit.page.locator(".stock-none")).to_have_count(0)

    assert visit.address()["available"] == ["true"]


def test_what_is_chosen_narrows_and_can_be_taken_back(visit: Visit) -> None:
    visit.open("/?" + "q=" + quote("колодки") + "&language=uk")
    makes = visit.page.locator("[data-facet=car_brand]")
    first = makes.get_by_role("link").first
    first.wait_for()
    promised = int(first.locator(".facet-count").inner_text())
    label = first.locator(".facet-label").inner_text()
    found_before = visit.names()

    with visit.page.expect_response(lambda answer: "car_brand_id=" in answer.url) as answered:
        first.click()
    assert answered.value.json()["total"] == promised
    chosen = makes.get_by_role("link", name=label)
    expect(chosen).to_have_attribute("aria-current", "true")
    assert makes.get_by_role("link").count() > 1  # the other makes can still be chosen
    assert len(visit.address()["car_brand_id"]) == 1

    visit.page.go_back()
    expect(visit.page.locator("[data-facet=car_brand] [aria-current]")).to_have_count(0)
    assert visit.names() == found_before
    visit.page.go_forward()
    expect(chosen).to_have_attribute("aria-current", "true")
    visit.page.locator(".facets-clear").click()
    expect(visit.page.locator("[data-facet=car_brand] [aria-current]")).to_have_count(0)
    assert "car_brand_id" not in visit.address()


def test_results_come_in_the_order_that_was_chosen(visit: Visit) -> None:
    visit.open("/?" + "q=" + quote("колодки") + "&language=en")
    visit.page.locator(REAL_HITS).first.wait_for()
    with visit.page.expect_response(lambda answer: "sort=price_asc" in answer.url):
        visit.page.get_by_label("Order").select_option("price_asc")
    expect(visit.page.get_by_label("Order")).to_have_value("price_asc")
    visit.page.wait_for_function("document.querySelector('main').getAttribute('aria-busy') !== 'true'")
    texts = visit.page.locator(REAL_HITS).locator(".price-value").all_inner_texts()
    prices = [float(text.replace(",", "")) for text in texts]
    assert len(set(prices)) > 1
    assert prices == sorted(prices)
    assert visit.address()["sort"] == ["price_asc"]


def test_matches_are_marked_also_when_they_were_corrected(visit: Visit) -> None:
    visit.open("/?" + "q=" + quote("амотризатор") + "&language=uk")
    visit.page.locator(REAL_HITS).first.wait_for()
    marked = visit.page.locator(".hit-name mark").all_inner_texts()
    assert any(text.casefold().startswith("амортизатор") for text in marked)
    visit.search("81432206012")
    assert visit.page.locator(".original-number mark").first.inner_text() == "81.43220-6012"


def test_marked_text_never_becomes_markup(visit: Visit) -> None:
    evil = "&lt;img src=x onerror=alert(1)&gt; <em>&amp;lt;b&amp;gt;</em>"
    hit = hit_of(1, highlights={"name": evil, "names": {}, "original_numbers": []})
    answer_with(visit, "/search", 200, answer_of(hit))
    visit.open("/?q=x")
    name = visit.page.locator(".hit-name").first
    expect(name).to_have_text("<img src=x onerror=alert(1)> &lt;b&gt;")
    assert name.locator("mark").inner_text() == "&lt;b&gt;"
    assert name.locator("img").count() == 0


def test_the_parts_of_a_score_are_drawn(visit: Visit) -> None:
    visit.open("/?" + "q=" + quote("колодки гальмівні") + "&language=en")
    hit = visit.page.locator(REAL_HITS).first
    hit.wait_for()
    hit.locator(".hit-details summary").click()
    bars = hit.get_by_role("list", name="Parts of the score").get_by_role("listitem")
    values = [float(text) for text in bars.locator(".bar-value").all_inner_texts()]
    assert values == sorted(values, key=abs, reverse=True)
    assert "all words" in bars.locator(".bar-label").all_inner_texts()
    widths = [bars.nth(place).locator(".bar-fill").bounding_box() for place in range(bars.count())]
    assert widths[0]
    assert widths[-1]
    assert widths[0]["width"] > widths[-1]["width"]


def test_the_foot_of_the_page_says_how_old_the_data_is(visit: Visit) -> None:
    visit.open("/?language=en")
    expect(visit.page.locator("#freshness")).to_have_text(re.compile(r"(checked|Data checked).* ago"))
    visit.page.get_by_role("button", name="Polski").click()
    expect(visit.page.locator("#freshness")).to_have_text(re.compile("temu"))


def test_the_language_switch_changes_names_and_the_page(visit: Visit) -> None:
    visit.open()
    visit.search("гальмівні колодки")
    ukrainian = visit.names()

    with visit.page.expect_response(lambda answer: "language=pl" in answer.url):
        visit.page.get_by_role("button", name="Polski").click()
    expect(visit.page.locator("html")).to_have_attribute("lang", "pl")
    expect(visit.page.get_by_role("button", name="Szukaj", exact=True)).to_be_visible()
    expect(visit.page.locator(".summary strong")).to_have_text(re.compile("wynik"))
    polish = visit.names()

    common = ukrainian.keys() & polish.keys()
    assert common
    assert any(ukrainian[product] != polish[product] for product in common)
    assert visit.address()["language"] == ["pl"]


def test_back_restores_the_search_before(visit: Visit) -> None:
    visit.open()
    visit.search("колодки")
    before = visit.names()
    visit.search("амортизатор")
    expect(visit.box).to_have_value("амортизатор")

    with visit.page.expect_response(lambda answer: urlsplit(answer.url).path == "/search"):
        visit.page.go_back()
    expect(visit.box).to_have_value("колодки")
    expect(visit.page.locator(".hit-name").first).to_have_text(next(iter(before.values())))
    assert visit.names() == before

    visit.page.go_forward()
    expect(visit.box).to_have_value("амортизатор")


def test_an_address_reproduces_the_search(visit: Visit) -> None:
    visit.open("/?q=амортизатор&language=ru&available=true")
    visit.page.locator(REAL_HITS).first.wait_for()

    expect(visit.box).to_have_value("амортизатор")
    expect(visit.page.get_by_label("Только в наличии")).to_be_checked()
    expect(visit.page.locator(".summary strong")).to_have_text(re.compile("результат"))


def test_a_correction_is_shown(visit: Visit) -> None:
    typed, corrected = "MAN Nzuf", "man тяга"
    correction = {"from": "nzuf", "to": "тяга", "kind": "keyboard_layout"}
    answer = answer_of(hit_of(1), query=typed, corrections=[correction], showing_results_for=corrected)
    answer_with(visit, "/search", 200, answer)
    visit.open(f"/?q={quote(typed)}&language=en")

    expect(visit.page.locator(".corrected")).to_have_text(corrected)
    expect(visit.page.locator(".correction")).to_contain_text("keyboard layout")

    with visit.page.expect_response(lambda answer: "correct=false" in answer.url):
        visit.page.get_by_role("link", name=f"Search instead for {typed}").click()
    expect(visit.page.locator(".correction")).to_contain_text(f"Searched exactly as typed: {typed}")
    assert visit.address()["correct"] == ["false"]


def test_another_reading_is_one_click_away(visit: Visit) -> None:
    answer_with(visit, "/search", 200, answer_of(hit_of(1), query="спальник", did_you_mean="сальник"))
    visit.open("/?q=спальник&language=en")

    with visit.page.expect_response(lambda answer: f"q={quote('сальник')}" in answer.url):
        visit.page.get_by_role("link", name="Did you mean сальник?").click()
    assert visit.address()["q"] == ["сальник"]
    assert visit.box.input_value() == "сальник"


def test_what_was_given_up_and_what_is_only_near_is_said(visit: Visit) -> None:
    relaxed = {"steps": ["some_words", "meaning"], "left_out": ["гыгы"]}
    hits = [hit_of(1, match="some_words"), hit_of(2, match="meaning")]
    answer_with(visit, "/search", 200, answer_of(*hits, relaxed=relaxed))
    visit.open("/?q=тяга гыгы ліва&language=en")

    told = visit.page.locator(".relaxed")
    expect(told).to_contain_text("Nothing has all of these words")
    expect(told).to_contain_text("Left out: гыгы.")
    expect(told).to_contain_text("nearest in meaning")
    expect(visit.page.locator(".hit-near")).to_have_count(1)
    expect(visit.page.locator("[data-product-id='2'] .hit-near")).to_have_text("by meaning only")


def test_a_strict_answer_says_nothing_of_the_kind(visit: Visit) -> None:
    visit.open("/?q=колодки&language=en")
    visit.page.locator(REAL_HITS).first.wait_for()

    assert visit.page.locator(".relaxed, .did-you-mean, .hit-near").count() == 0


def test_a_part_number_of_one_product_is_suggested_with_its_name(visit: Visit) -> None:
    visit.open()
    visit.box.press_sequentially("SEM1", delay=15)
    option = visit.page.get_by_role("option").first
    option.wait_for()

    expect(option).to_have_attribute("data-text", re.compile("^SEM1"))
    expect(option.locator(".suggestion-detail")).not_to_be_empty()


def test_a_failing_service_is_explained_and_retried(visit: Visit) -> None:
    problem = {"type": "about:blank", "title": "Not ready", "status": 503, "detail": "The catalogue is empty."}
    answer_with(visit, "/search", 503, problem, "application/problem+json")
    visit.open("/?q=колодки&language=en")

    alert = visit.page.get_by_role("alert")
    expect(alert).to_contain_text("The catalogue is empty.")
    expect(alert).to_contain_text("503")
    assert all("503" in text for text in visit.console)  # The browser's own note of the failed call, nothing else.
    visit.console.clear()

    visit.page.unroute_all()
    visit.page.get_by_role("button", name="Try again").click()
    visit.page.locator(REAL_HITS).first.wait_for()
    expect(alert).to_have_count(0)


def test_no_connection_is_explained_in_the_page_language(visit: Visit) -> None:
    visit.page.route(lambda address: urlsplit(address).path == "/search", lambda route: route.abort())
    visit.open("/?q=klocki&language=pl")

    expect(visit.page.get_by_role("alert")).to_contain_text("Usługa wyszukiwania nie odpowiada")
    assert all("ERR_FAILED" in text for text in visit.console)
    visit.console.clear()


def test_nothing_found_offers_to_remove_the_filters(visit: Visit) -> None:
    answer_with(visit, "/search", 200, answer_of())
    visit.open("/?q=xyz&language=en&supplier=SEM1")
    expect(visit.page.locator(".nothing")).to_contain_text("No parts match xyz with the chosen filters.")

    visit.page.get_by_role("link", name="Remove the filters").click()
    expect(visit.page.locator(".nothing")).to_contain_text("Check the number")
    assert "supplier" not in visit.address()


def test_pages_follow_the_offset(visit: Visit) -> None:
    hits = [hit_of(number) for number in range(1, 21)]
    answer_with(visit, "/search", 200, answer_of(*hits, total=1000, total_is_exact=False))
    visit.open("/?q=тяга&language=en")
    expect(visit.page.locator(".summary strong")).to_have_text("1,000+ results")

    visit.page.get_by_role("link", name="Next").click()
    expect(visit.page.locator(".summary")).to_contain_text("showing 21–40")
    assert visit.address()["offset"] == ["20"]

    visit.page.get_by_role("link", name="Previous").click()
    expect(visit.page.locator(".summary")).to_contain_text("showing 1–20")


def test_markup_in_the_catalogue_stays_text_and_other_origins_stay_unasked(visit: Visit) -> None:
    markup = "<img src=x onerror=alert(1)>"
    hit = hit_of(1, name=markup, name_language="ru", image_url="https://images.invalid/1.jpg", vendor_code="")
    answer_with(visit, "/search", 200, answer_of(hit))
    visit.open("/?q=тяга&language=uk")

    expect(visit.page.locator(".hit-name")).to_have_text(markup)
    expect(visit.page.locator(".hit-foreign")).to_have_text("Немає перекладу: показано російською")
    expect(visit.page.locator(".hit-image")).to_have_attribute("src", "part.svg")
    expect(visit.page.locator(".missing")).to_have_text("без коду")


@pytest.mark.parametrize("language", ["uk", "ru", "pl", "en"])
def test_a_phone_shows_everything_without_sideways_scrolling(visit: Visit, language: str) -> None:
    visit.page.set_viewport_size({"width": 360, "height": 740})
    visit.open(f"/?q=колодки&language={language}")
    visit.page.locator(REAL_HITS).first.wait_for()

    assert visit.page.evaluate("document.documentElement.scrollWidth") <= 360
    assert visit.page.evaluate("document.body.textContent.includes('undefined')") is False
