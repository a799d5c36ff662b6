"""The example shop of InstantSearch widgets, used in a real browser against the real service, from another origin.

Stage: VECTORS -> ANSWERS, as a shop meets it that moves here. The packages are those of npm, pinned by
examples/instantsearch/package-lock.json; nothing comes from a CDN. Every test also holds: nothing on the console, and
no request but to the shop and to the service.

Needs npm, the `playwright` package and a Chromium.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import httpx
import pytest
from psycopg import sql

from cordsearch.database import connect, create_database, database_url
from tests.catalogue import Catalogue
from tests.conftest import service_process

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed: pip install playwright")
expect = sync_api.expect

pytestmark = pytest.mark.browser

EXAMPLE = Path(__file__).parents[2] / "examples" / "instantsearch"
PRICE = re.compile(r"\d+\.\d\d")


@dataclass
class Shop:
    """The shop's page under watch."""

    page: "Page"
    origin: str
    service: str
    key: str
    console: list[str] = field(default_factory=list)
    requested: list[str] = field(default_factory=list)

    def open(self, **changes: str) -> None:
        """Open the page and wait for its first hits."""
        self.page.goto(f"{self.origin}/?{urlencode({'service': self.service, 'key': self.key} | changes)}")
        if not changes:
            self.settle()

    def settle(self) -> None:
        """Wait until the results of what was last asked for are on the page."""
        self.page.wait_for_function("window.shop && shop.search.status === 'idle' && shop.search.helper.lastResults")

    def search(self, text: str) -> None:
        self.box().fill(text)
        self.settle()
        assert self.page.evaluate("shop.search.helper.lastResults.query") == text
        expect(self.hits().first).to_be_visible()

    def box(self) -> "Locator":
        return self.page.locator("#box input")

    def hits(self) -> "Locator":
        return self.page.locator("#hits article")

    def names(self) -> list[str]:
        return self.page.locator("#hits article h3").all_inner_texts()

    def count(self) -> int:
        """Return the number of results that the stats widget shows."""
        shown = self.page.locator("#stats").inner_text().partition(" result")[0]
        return int(re.sub(r"\D", "", shown))  # thousands are grouped as the browser's language does


class Files(SimpleHTTPRequestHandler):
    """The shop's own files, served without a word."""

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def packages() -> Path:
    """Return the folder of the example with its npm packages installed as the lock file says."""
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("npm is not installed: the widgets of InstantSearch are npm packages")
    lock = hashlib.sha256((EXAMPLE / "package-lock.json").read_bytes()).hexdigest()
    installed = EXAMPLE / "node_modules" / ".installed"
    if not installed.exists() or installed.read_text() != lock:
        command = [npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=EXAMPLE, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        installed.write_text(lock)
    return EXAMPLE


@pytest.fixture(scope="module")
def shop_origin(packages: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(packages)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture(scope="module")
def warehouse(catalogue: Catalogue, postgres_url: str) -> Iterator[Catalogue]:
    """Return a copy of the catalogue of this module's own: keys and events are written into it."""
    name = "catalogue_shop"
    create_database(postgres_url, name, "catalogue")
    yield replace(catalogue, warehouse_url=database_url(postgres_url, name))
    with connect(postgres_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database {} with (force)").format(sql.Identifier(name)))


@pytest.fixture(scope="module")
def key(warehouse: Catalogue) -> str:
    """Return a key that may search and tell events, made by the command."""
    command = [sys.executable, "-m", "cordsearch", "keys", "create", "shop", "--scope", "search", "--scope", "events"]
    environment = {"PATH": "/usr/bin:/bin", "DATABASE_URL": warehouse.warehouse_url}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    found = re.search(r"cord_[0-9a-f]+_[\w-]+", done.stdout)
    assert found is not None, done.stdout
    return found[0]


@pytest.fixture(scope="module")
def shop_service(warehouse: Catalogue, key: str, shop_origin: str) -> Iterator[str]:
    patient = {"CORDSEARCH_SEARCH_DEADLINE_MS": "10000", "CORDSEARCH_STATEMENT_TIMEOUT_MS": "10000"}
    with service_process(warehouse, CORDSEARCH_CORS_ORIGINS=shop_origin, **patient) as base_url:
        # The client waits two seconds: what a busy machine reads for the first time is read before.
        first = {
            "requests": [{"indexName": name, "facets": "*"} for name in ("products", "products_query_suggestions")]
        }
        headers = {"x-algolia-api-key": key}
        httpx.post(f"{base_url}/1/indexes/*/queries", json=first, headers=headers, timeout=60).raise_for_status()
        yield base_url


@pytest.fixture
def shop(browser: "Browser", shop_origin: str, shop_service: str, key: str) -> Iterator[Shop]:
    context = browser.new_context(locale="uk-UA", viewport={"width": 1280, "height": 900})
    try:
        page = context.new_page()
        watched = Shop(page, shop_origin, shop_service, key)

        def record_console(said: "ConsoleMessage") -> None:
            if said.type in {"error", "warning"}:
                watched.console.append(said.text)

        page.on("console", record_console)
        page.on("pageerror", lambda error: watched.console.append(str(error)))
        page.on("request", lambda request: watched.requested.append(request.url))
        yield watched
    finally:
        context.close()
    assert watched.console == []
    assert {f"{urlsplit(url).scheme}://{urlsplit(url).netloc}" for url in watched.requested} <= {
        shop_origin,
        shop_service,
    }


def test_the_first_page_shows_products_before_anything_is_typed(shop: Shop) -> None:
    shop.open()

    expect(shop.hits()).to_have_count(12)
    assert shop.count() > 12
    assert all(name.strip() for name in shop.names())


def test_typing_finds_products_and_marks_the_words(shop: Shop) -> None:
    shop.open()
    shop.search("гальмівних колодок")

    marked = shop.page.locator("#hits article h3 mark").all_inner_texts()
    assert {word.lower()[:5] for word in marked} >= {"колод", "гальм"}
    assert shop.count() > 0


def test_a_part_number_is_marked_as_it_was_typed(shop: Shop) -> None:
    shop.open()
    shop.search("SEM1")

    codes = shop.page.locator("#hits .code mark").all_inner_texts()
    assert codes
    assert all(code.replace("-", "").upper() == "SEM1" for code in codes)


def test_choosing_a_make_narrows_the_products_and_keeps_the_other_makes(shop: Shop) -> None:
    shop.open()
    shop.search("тяга")
    makes = shop.page.locator("#car-brand li")
    before = makes.count()
    first = makes.first
    name = first.locator(".ais-RefinementList-labelText").inner_text()
    count = int(first.locator(".ais-RefinementList-count").inner_text().replace(",", ""))

    first.locator("input").check()
    expect(shop.page.locator("#refinements")).to_contain_text(name)
    expect(shop.page.locator("#stats")).to_contain_text(re.compile(rf"^{count} result"))
    assert makes.count() == before

    shop.page.locator("#refinements button").first.click()
    expect(shop.page.locator("#refinements .ais-CurrentRefinements-item")).to_have_count(0)


def test_the_values_of_a_facet_can_be_searched(shop: Shop) -> None:
    shop.open()
    box = shop.page.locator("#car-brand input[type=search]")
    box.fill("sca")

    expect(shop.page.locator("#car-brand .ais-RefinementList-labelText").first).to_have_text("Scania")
    expect(shop.page.locator("#car-brand mark").first).to_have_text("Sca")


def test_only_what_is_in_stock(shop: Shop) -> None:
    shop.open()
    shop.search("амортизатор")
    shop.page.get_by_label("Лише в наявності").check()

    expect(shop.page.locator("#refinements")).to_contain_text("true")
    expect(shop.page.locator("#hits .no-stock")).to_have_count(0)
    expect(shop.page.locator("#hits .in-stock").first).to_be_visible()


@pytest.mark.parametrize("query", ["", "колодки"])
def test_sorting_by_price(shop: Shop, query: str) -> None:
    shop.open()
    shop.search(query)
    shop.page.locator("#sort select").select_option("products_uk_price_asc")
    shop.settle()
    expect(shop.hits().first.locator(".price")).to_have_text(PRICE)

    shown = [float(PRICE.search(text)[0]) for text in shop.page.locator(".price").all_inner_texts() if text.strip()]  # type: ignore[index]
    assert len(shown) > 3
    assert shown == sorted(shown)


def test_a_range_of_prices(shop: Shop) -> None:
    shop.open()
    shop.search("фільтр")
    lowest, highest = shop.page.locator("#price input").all()
    lowest.fill("10")
    highest.fill("30")
    shop.page.locator("#price button").click()
    expect(shop.page.locator("#refinements")).to_contain_text("30")
    shop.settle()

    prices = [float(PRICE.search(text)[0]) for text in shop.page.locator("#hits .price").all_inner_texts()]  # type: ignore[index]
    assert prices
    assert all(10 <= price <= 30 for price in prices)


def test_pages_go_forward_and_back(shop: Shop) -> None:
    shop.open()
    shop.search("тяга")
    first_page = shop.names()
    shop.page.get_by_role("link", name="Page 2", exact=True).click()
    expect(shop.page.locator(".ais-Pagination-item--selected")).to_have_text("2")
    expect(shop.hits().first.locator("h3")).not_to_have_text(first_page[0])
    assert shop.names() != first_page

    shop.page.get_by_role("link", name="Page 1", exact=True).click()
    expect(shop.page.locator(".ais-Pagination-item--selected")).to_have_text("1")
    expect(shop.hits().first.locator("h3")).to_have_text(first_page[0])
    assert shop.names() == first_page


def test_a_suggestion_completes_what_is_typed(shop: Shop) -> None:
    shop.open()
    shop.search("аморт")
    suggestion = shop.page.locator("#suggestions button").first
    expect(suggestion.locator("mark").first).to_have_text(re.compile("^аморт$", re.IGNORECASE))

    text = suggestion.inner_text()
    suggestion.click()
    expect(shop.box()).to_have_value(text)


def test_a_click_on_a_hit_is_counted_with_its_search(shop: Shop, warehouse: Catalogue) -> None:
    shop.open()
    shop.search("тяга")
    with shop.page.expect_response(lambda answer: urlsplit(answer.url).path == "/1/events") as told:
        shop.hits().nth(1).locator("h3").click()

    assert told.value.status == 200
    with connect(warehouse.warehouse_url, autocommit=True) as connection:
        for _ in range(100):
            rows = connection.execute(
                "select event.position, search.text from events.event join events.search using (search_id)"
            ).fetchall()
            if rows:
                break
            shop.page.wait_for_timeout(100)
    assert rows == [(2, "тяга")]


def test_what_is_not_supported_is_said_on_the_page(shop: Shop) -> None:
    shop.open()
    message = shop.page.evaluate(
        """async () => {
          const request = { indexName: 'products', params: { tagFilters: ['new'] } };
          try { await shop.searchClient.search([request]) } catch (error) { return `${error.status} ${error.message}` }
        }"""
    )

    assert message.startswith("400 tagFilters is not supported")
    assert all("400" in text for text in shop.console)  # the browser's own note of the failed call
    shop.console.clear()


def test_a_wrong_key_is_said_on_the_page(shop: Shop) -> None:
    shop.open(key="cord_0123456789_wrong")

    expect(shop.page.get_by_role("alert")).to_contain_text("key")
    assert all("401" in text for text in shop.console)
    shop.console.clear()


def test_the_client_of_version_4_gets_the_same_answers(shop: Shop) -> None:
    shop.open()
    shop.page.add_script_tag(url="node_modules/algoliasearch-v4/dist/algoliasearch-lite.umd.js")
    found = shop.page.evaluate(
        """async ({ service, key }) => {
          const host = new URL(service);
          const old = algoliasearch('shop', key, { hosts: [{ url: host.host, protocol: host.protocol.slice(0, -1) }] });
          const params = { query: 'тяга', hitsPerPage: 3, facets: ['car_brand'] };
          const [many, one, values, fresh] = await Promise.all([
            old.search([{ indexName: 'products', params }]),
            old.initIndex('products').search('тяга', { hitsPerPage: 3 }),
            old.initIndex('products').searchForFacetValues('car_brand', 'vol'),
            shop.searchClient.search([{ indexName: 'products', params }]),
          ]);
          return { many: many.results[0], one, values, fresh: fresh.results[0] };
        }""",
        {"service": shop.service, "key": shop.key},
    )

    products = [hit["objectID"] for hit in found["fresh"]["hits"]]
    assert len(products) == 3
    assert [hit["objectID"] for hit in found["many"]["hits"]] == products
    assert [hit["objectID"] for hit in found["one"]["hits"]] == products
    assert found["many"]["facets"] == found["fresh"]["facets"]
    assert found["values"]["facetHits"][0]["value"] == "Volvo"


def test_the_autocomplete_widget_offers_completions_and_products(shop: Shop) -> None:
    shop.open()
    shop.page.evaluate(
        """() => {
          const container = document.createElement('div');
          document.body.prepend(container);
          const box = instantsearch({ searchClient: shop.searchClient, indexName: 'products_uk' });
          box.addWidgets([instantsearch.widgets.autocomplete({
            container, detachedMediaQuery: '',
            showQuerySuggestions: { indexName: 'products_uk_query_suggestions' },
            indices: [{ indexName: 'products_uk', templates: { item: ({ item }) => item.name } }],
          })]);
          box.start();
        }"""
    )
    shop.page.locator(".ais-AutocompleteInput").fill("аморт")

    completion = shop.page.locator(".ais-AutocompleteSuggestions [role=row]").first
    expect(completion).to_have_text(re.compile("^аморт", re.IGNORECASE))
    expect(completion.locator("mark")).to_have_text(re.compile("^изатор"))  # what is not typed yet
    product = shop.page.locator(".ais-AutocompleteIndex:not(.ais-AutocompleteSuggestions) [role=row]").first
    expect(product).to_have_text(re.compile("аморт", re.IGNORECASE))
