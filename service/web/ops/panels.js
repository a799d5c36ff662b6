// The panels of the operations page; each function returns one node from what the service answered.

import { element } from "../dom.js";

const number = (value, digits = 0) => new Intl.NumberFormat("en", { maximumFractionDigits: digits }).format(value);
const milliseconds = (value) => (value === null ? "–" : `${number(value, value < 10 ? 1 : 0)} ms`);
const AGES = [[86400, "d"], [3600, "h"], [60, "min"], [1, "s"]];

function age(seconds) {
  if (seconds === null || seconds === undefined) return "–";
  const [size, unit] = AGES.find(([each]) => seconds >= each) ?? AGES.at(-1);
  return `${number(seconds / size, seconds < 10 ? 1 : 0)} ${unit}`;
}

const since = (moment) => (moment ? `${age(Math.max(0, (Date.now() - Date.parse(moment)) / 1000))} ago` : "–");

export function panels({ freshness, operations, zero, top, latencies }) {
  return [
    stateOf(freshness, operations),
    element("div", { class: "panels" }, [
      latencyPanel(latencies),
      delayPanel(freshness, operations.publications),
      modelPanel(operations.models),
      queryPanel("Searches that find nothing", "zero-results", zero),
      queryPanel("What is searched for most", "top-queries", top),
      dutyPanel(operations.duties, operations.jobs),
      tablePanel(freshness.tables, operations.table_problems),
    ]),
  ];
}

function stateOf(freshness, operations) {
  const reasons = [...freshness.stale, ...operations.table_problems.map((each) => `${each.table_name}: ${each.reason}`)];
  return element("div", {}, [
    element("p", { class: `state ${freshness.status}`, text: freshness.status === "unknown" ? "nothing was observed yet" : `data is ${freshness.status}` }),
    reasons.length ? element("ul", { class: "notice warn" }, reasons.map((text) => element("li", { text }))) : null,
  ]);
}

function panel(title, name, children, wide = false) {
  const id = `panel-${name}`;
  return element("section", { class: wide ? "panel wide" : "panel", "data-panel": name, "aria-labelledby": id }, [element("h2", { id, text: title }), ...children]);
}

/** `columns`: [head, value of a row, class]. */
function table(rows, columns, empty) {
  if (rows.length === 0) return element("p", { class: "quiet", text: empty });
  const kind = (each) => (each[2] === "number" ? "number" : null);
  return element("table", {}, [
    element("thead", {}, [element("tr", {}, columns.map((each) => element("th", { scope: "col", class: kind(each), text: each[0] })))]),
    element("tbody", {}, rows.map((row) => element("tr", {}, columns.map(([, value, style]) => {
      const shown = value(row);
      return element("td", { class: typeof style === "function" ? style(row) : style, text: shown === null || shown === undefined ? "–" : String(shown) });
    })))),
  ]);
}

function latencyPanel(latencies) {
  const columns = [
    ["route", (each) => `${each.method} ${each.route}`],
    ["lately", (each) => number(each.recent), "number"],
    ["in all", (each) => number(each.requests), "number"],
    ["p50", (each) => milliseconds(each.percentiles[0]), "number"],
    ["p95", (each) => milliseconds(each.percentiles[1]), "number"],
    ["p99", (each) => milliseconds(each.percentiles[2]), "number"],
    ["failed", (each) => number(each.failures), (each) => (each.failures ? "number bad" : "number")],
  ];
  return panel("Latency, at most the last five minutes", "latency", [table(latencies, columns, "No request yet.")]);
}

function delayPanel(freshness, publications) {
  const newest = [...publications].reverse();
  const seconds = newest.map((each) => each.searchable_seconds ?? each.published_seconds ?? 0);
  const largest = Math.max(...seconds, 0.001);
  const bars = newest.map((each, place) => {
    const bar = element("span", { class: each.searchable_at ? "delay" : "delay late", title: `${number(each.events)} events, ${age(seconds[place])}` });
    bar.style.blockSize = `${((seconds[place] / largest) * 100).toFixed(1)}%`;
    return bar;
  });
  const columns = [
    ["refreshed", (each) => since(each.published_at)],
    ["events", (each) => number(each.events), "number"],
    ["to the marts", (each) => age(each.published_seconds), "number"],
    ["to searchable", (each) => age(each.searchable_seconds), "number"],
  ];
  const waiting = freshness.search ? `${number(freshness.search.waiting)} of ${number(freshness.search.products)} products wait for their vector.` : "";
  return panel("Refreshes: from the commit at the source", "refreshes", [
    element("p", { class: "quiet", text: waiting }),
    bars.length ? element("div", { class: "delays", role: "img", "aria-label": `Seconds until searchable, the newest ${bars.length} refreshes` }, bars) : null,
    table(publications.slice(0, 8), columns, "No refresh took events yet."),
  ]);
}

function modelPanel(models) {
  const columns = [
    ["model", (each) => each.model_id, "long"],
    ["state", (each) => (each.active ? "active" : each.built ? "built" : "begun"), (each) => (each.active ? "fine" : "")],
    ["waiting", (each) => number(each.waiting), "number"],
    ["refused", (each) => number(each.failed), (each) => (each.failed ? "number bad" : "number")],
    ["index", (each) => (each.index_share === null ? "–" : `${number(each.index_share * 100)} %`), "number"],
    ["recall@10", (each) => (each.recall_at_10 === null ? "–" : number(each.recall_at_10, 4)), "number"],
  ];
  return panel("Re-embedding", "models", [table(models, columns, "No model was trained yet.")]);
}

function queryPanel(title, name, report) {
  const columns = [
    ["query", (each) => each.query, "long"],
    ["searches", (each) => number(each.searches), "number"],
    ["found nothing", (each) => number(each.nothing), "number"],
    ["clicked", (each) => (typeof each.click_share === "number" ? `${number(each.click_share * 100)} %` : "–"), "number"],
  ];
  const text = `${number(report.searches)} searches in ${report.days} days.`;
  return panel(title, name, [element("p", { class: "quiet", text }), table(report.queries, columns, "None.")]);
}

function dutyPanel(duties, jobs) {
  const columns = [
    ["duty", (each) => each.duty],
    ["ended", (each) => since(each.finished_at)],
    ["took", (each) => age(each.seconds), "number"],
    ["failures", (each) => number(each.failures), (each) => (each.failures ? "number bad" : "number")],
    ["what it did", (each) => each.error ?? each.outcome, (each) => (each.error ? "long bad" : "long")],
  ];
  const queue = jobs.map((each) => `${number(each.jobs)} ${each.task} ${each.status}`).join(" · ");
  return panel("Workers", "workers", [element("p", { class: "quiet", text: queue }), table(duties, columns, "No worker ran here yet: cordsearch worker")], true);
}

function tablePanel(tables, problems) {
  const failing = new Set(problems.map((each) => each.table_name));
  const columns = [
    ["table", (each) => each.table],
    ["source", (each) => each.source],
    ["by", (each) => each.method],
    ["rows", (each) => number(each.rows), "number"],
    ["looked at", (each) => age(each.look_age_seconds), "number"],
    ["changed", (each) => age(each.newest_change_age_seconds), "number"],
    ["behind", (each) => (each.rows_behind === null ? "–" : number(each.rows_behind)), "number"],
    ["unpublished", (each) => number(each.unpublished_events), "number"],
    ["state", (each) => (failing.has(each.table) ? "failing" : each.stale ? "stale" : each.complete ? "fresh" : "incomplete"), (each) => (failing.has(each.table) || each.stale ? "bad" : "fine")],
  ];
  return panel("Freshness per table", "tables", [table(tables, columns, "No table was loaded yet.")], true);
}
