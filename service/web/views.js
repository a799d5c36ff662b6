// What the main part of the page shows: welcome, loading, results, nothing found, error.
// Each function returns the nodes; `go(changes)` searches with a changed state, `link(changes)` is that state's address.

import { NO_FILTERS, ORDERS, isFiltered } from "./address.js";
import { element, pageLink } from "./dom.js";
import { facetsView } from "./facets.js";
import { analogueItem, hitItem } from "./hit.js";
import { counted, formatMilliseconds, formatNumber, message, messageParts } from "./i18n.js";

const EXAMPLES = ["SEM143", "81432206012", "тормозні колодки", "амотризатор", "nzuf", "klocki hamulcowe", "brake pads"];
const PLACEHOLDER_ROWS = 6;
const LARGEST_OFFSET = 1000; // The service looks no deeper.

export function welcomeView({ go, link }) {
  const examples = EXAMPLES.map((q) =>
    element("li", {}, [pageLink({ class: "example", text: q }, link({ q, correct: true, offset: 0 }), () => go({ q, correct: true, offset: 0 }))]),
  );
  return [
    element("section", { class: "welcome" }, [
      element("h1", { text: message("welcomeTitle") }),
      element("p", { text: message("welcomeText") }),
      element("h2", { class: "examples-title", id: "examples-title", text: message("examples") }),
      element("ul", { class: "examples", "aria-labelledby": "examples-title" }, examples),
    ]),
  ];
}

export function loadingView() {
  const rows = Array.from({ length: PLACEHOLDER_ROWS }, () =>
    element("div", { class: "hit ghost" }, [
      element("span", { class: "hit-image" }),
      element("div", { class: "hit-body" }, [element("span", { class: "ghost-line wide" }), element("span", { class: "ghost-line" })]),
    ]),
  );
  return [element("p", { class: "summary", text: message("loading") }), element("div", { class: "hits", "aria-hidden": "true" }, rows)];
}

export function errorView(error, retry) {
  const explained = error.kind === "problem" && (error.detail || error.title);
  const own = { network: message("errorNetwork"), timeout: message("errorTimeout"), problem: message("errorStatus", { status: error.status }) };
  const text = (explained ? error.detail || error.title : own[error.kind]) ?? error.message;
  return [
    element("section", { class: "notice error", role: "alert" }, [
      element("h2", { text: message("errorTitle") }),
      element("p", { class: "error-detail", text }),
      explained && error.status ? element("p", { class: "quiet", text: [error.status, error.detail ? error.title : ""].filter(Boolean).join(" · ") }) : null,
      element("button", { type: "button", class: "button", text: message("retry"), on: { click: retry } }),
    ]),
  ];
}

/** Results, or the reason there are none. */
export function answerView(answer, state, limit, { go, link }) {
  const parts = [state.correct ? corrections(answer, { go, link }) : asTyped(answer, { go, link }), answer.degraded ? element("p", { class: "notice warn degraded", text: message("degraded") }) : null, otherReading(answer, { go, link }), givenUp(answer)];
  const beside = facetsView(answer, state, { go, link });
  const list = [];
  if (answer.hits.length === 0) list.push(nothingFound(state, { go, link }));
  else {
    list.push(
      element("p", { class: "summary", id: "summary" }, [
        element("strong", { text: totalText(answer) }),
        element("span", { text: message("range", { from: formatNumber(state.offset + 1), to: formatNumber(state.offset + answer.hits.length) }) }),
        orders(state, go),
        element("span", { class: "took", text: formatMilliseconds(answer.took_ms) }),
      ]),
      element("ol", { class: "hits", "aria-label": message("listLabel"), start: state.offset + 1 }, answer.hits.map((hit) => hitItem(hit, state.language))),
      pagination(answer, state, limit, { go, link }),
    );
  }
  list.push(analoguesView(answer, state.language), howSearched(answer));
  const found = element("div", { class: "found" }, list);
  return [...parts.filter(Boolean), beside ? element("div", { class: "columns" }, [beside, found]) : found];
}

// What may replace a part whose number was typed in full: a list of its own, never among the results.
function analoguesView(answer, language) {
  const found = answer.analogues ?? [];
  if (found.length === 0) return null;
  const hits = new Map(answer.hits.map((hit) => [hit.product_id, hit]));
  return element("section", { class: "analogues" }, [
    element("h2", { class: "analogues-title", id: "analogues-title", text: message("analogues") }),
    element("ul", { class: "hits", "aria-labelledby": "analogues-title" }, found.map((each) => analogueItem(each, language, hits.get(each.replaces)))),
  ]);
}

function orders(state, go) {
  const choices = ORDERS.map((order) => element("option", { value: order, text: message(`sort_${order}`), selected: order === state.sort }));
  const choose = (event) => go({ sort: event.target.value, offset: 0 });
  return element("label", { class: "order" }, [element("span", { text: message("sort") }), element("select", { id: "sort", on: { change: choose } }, choices)]);
}

/** "3 results", or "1,000+ results" when the service stopped counting. */
export function totalText(answer) {
  return counted("results", answer.total, { atLeast: answer.total_is_exact === false });
}

function corrections(answer, { go, link }) {
  const list = answer.corrections ?? [];
  if (list.length === 0) return null;
  const corrected = answer.showing_results_for;
  const kinds = [...new Set(list.map(({ kind }) => message(`correction${kind.charAt(0).toUpperCase()}${kind.slice(1)}`) ?? kind))];
  const strong = element("strong", { class: "corrected", text: corrected });
  const changes = { correct: false, offset: 0 };
  const typed = element("strong", { class: "typed", text: answer.query });
  return element("div", { class: "notice correction" }, [
    element("p", {}, [...messageParts("showingFor", { query: strong }), element("span", { class: "quiet", text: ` · ${kinds.join(", ")}` })]),
    element("p", {}, [pageLink({ class: "instead" }, link(changes), () => go(changes), messageParts("instead", { query: typed }))]),
  ]);
}

function asTyped(answer, { go, link }) {
  const changes = { correct: true, offset: 0 };
  const typed = element("strong", { class: "typed", text: answer.query });
  return element("p", { class: "notice correction" }, [
    ...messageParts("asTyped", { query: typed }),
    " · ",
    pageLink({ text: message("allowCorrections") }, link(changes), () => go(changes)),
  ]);
}

// A reading that was not searched: a far commoner word in place of a rare one.
function otherReading(answer, { go, link }) {
  const q = answer.did_you_mean;
  if (!q) return null;
  const changes = { q, correct: true, offset: 0 };
  const other = element("strong", { class: "other-reading", text: q });
  return element("p", { class: "notice correction did-you-mean" }, [
    pageLink({}, link(changes), () => go(changes), messageParts("didYouMean", { query: other })),
  ]);
}

// What was given up because nothing matches all that was typed.
function givenUp(answer) {
  const { steps = [], left_out: leftOut = [] } = answer.relaxed ?? {};
  const first = steps.length > 0 ? message(`relaxed_${steps[0]}`) : null;
  const near = steps.length > 1 && steps.at(-1) === "meaning" ? message("relaxedAlsoMeaning") : null;
  const words = leftOut.length > 0 ? message("leftOut", { words: leftOut.join(", ") }) : null;
  const said = [first, words, near].filter(Boolean);
  return said.length > 0 ? element("p", { class: "notice relaxed", text: said.join(" ") }) : null;
}

function nothingFound(state, { go, link }) {
  const filtered = isFiltered(state);
  const key = state.offset > 0 ? "emptyPage" : filtered ? "emptyFiltered" : "emptyText";
  const query = element("strong", { text: state.q });
  const way = (text, changes) => pageLink({ class: "button", text }, link(changes), () => go(changes));
  return element("section", { class: "nothing" }, [
    element("img", { src: "part.svg", alt: "", width: 72, height: 72 }),
    element("h2", { text: message("emptyTitle") }),
    element("p", {}, messageParts(key, { query })),
    state.offset > 0 ? way(message("firstPage"), { offset: 0 }) : null,
    filtered && state.offset === 0 ? way(message("clearFilters"), { ...NO_FILTERS, offset: 0 }) : null,
  ]);
}

function pagination(answer, state, limit, { go, link }) {
  const before = state.offset > 0;
  const after = state.offset + answer.hits.length < answer.total && state.offset + limit <= LARGEST_OFFSET;
  if (!before && !after) return null;
  const step = (key, rel, enabled, offset) =>
    enabled
      ? pageLink({ class: "button", rel, text: message(key) }, link({ offset }), () => go({ offset }))
      : element("span", { class: "button off", "aria-disabled": "true", text: message(key) });
  return element("nav", { class: "pages", "aria-label": message("pages") }, [
    step("previous", "prev", before, Math.max(0, state.offset - limit)),
    element("span", { class: "quiet", text: message("page", { n: formatNumber(Math.floor(state.offset / limit) + 1) }) }),
    step("next", "next", after, state.offset + limit),
  ]);
}

function howSearched(answer) {
  const retrievers = answer.retrievers ?? [];
  if (retrievers.length === 0) return null;
  const word = (prefix, name) => message(`${prefix}${name.charAt(0).toUpperCase()}${name.slice(1)}`) ?? name;
  const rows = retrievers.map(({ name, candidates, took_ms: took, status }) =>
    element("tr", {}, [
      element("th", { scope: "row", text: word("retriever", name) }),
      element("td", { text: formatNumber(candidates) }),
      element("td", { text: formatMilliseconds(took) }),
      element("td", { class: `run-${status}`, text: word("status", status) }),
    ]),
  );
  const heads = ["howRetriever", "howCandidates", "howTime", "howStatus"].map((key) => element("th", { scope: "col", text: message(key) }));
  return element("details", { class: "how" }, [
    element("summary", { text: message("how") }),
    element("table", {}, [element("thead", {}, [element("tr", {}, heads)]), element("tbody", {}, rows)]),
  ]);
}
