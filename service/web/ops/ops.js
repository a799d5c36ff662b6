// The operations page: asks the service every few seconds and shows what it knows of itself.
// Stage: VECTORS -> ANSWERS, the operator's side of GET /freshness, /operations and /suggest/*. Needs no other origin.

import { element } from "../dom.js";
import { percentileOf, sinceBefore } from "./latency.js";
import { panels } from "./panels.js";

const EVERY_MS = 5000;
const WINDOW_MS = 300000; // percentiles are of the last five minutes, once the page has been open that long
const KEY = "cordsearch.admin-key";

const byId = (id) => document.getElementById(id);
const [board, status, form, field] = ["board", "status", "key-form", "key"].map(byId);
let key = remembered();
const readings = []; // {at, routes}: earlier readings of the counters, the oldest first

function remembered() {
  try {
    return sessionStorage.getItem(KEY) ?? "";
  } catch {
    return ""; // storage is off: the key is asked for again on the next visit
  }
}

class Refused extends Error {}

async function ask(path) {
  const headers = { Accept: "application/json, application/problem+json" };
  if (key) headers["X-API-Key"] = key;
  const answer = await fetch(path, { headers, cache: "no-store" });
  const body = await answer.json().catch(() => ({}));
  if (answer.status === 401 || answer.status === 403) throw new Refused(body.detail ?? "An API key with the scope admin is needed.");
  if (!answer.ok) throw new Error(body.detail ?? `${path} answered with status ${answer.status}.`);
  return body;
}

async function look() {
  try {
    const [freshness, operations, zero, top] = await Promise.all(
      ["/freshness", "/operations", "/suggest/zero-results?limit=10", "/suggest/top-queries?limit=10"].map(ask),
    );
    form.hidden = true;
    board.replaceChildren(...panels({ freshness, operations, zero, top, latencies: recent(operations.routes) }));
    status.textContent = "";
  } catch (error) {
    form.hidden = !(error instanceof Refused);
    const text = error instanceof TypeError ? "The service does not answer." : error.message;
    board.replaceChildren(element("p", { class: "notice error", role: "alert", text }));
  }
  board.setAttribute("aria-busy", "false");
}

// Counters only grow; the difference of two readings is what happened between them.
function recent(routes) {
  const now = Date.now();
  while (readings.length > 1 && readings[1].at <= now - WINDOW_MS) readings.shift();
  const before = readings[0];
  readings.push({ at: now, routes });
  return routes.map((route) => {
    const counts = before ? sinceBefore(route, before.routes) : route.counts;
    const counted = counts.reduce((sum, count) => sum + count, 0);
    const used = counted > 0 ? counts : route.counts; // nothing lately: all there was
    return {
      ...route,
      recent: counted,
      percentiles: [0.5, 0.95, 0.99].map((share) => percentileOf(route.bounds_ms, used, share)),
    };
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  key = field.value.trim();
  try {
    sessionStorage.setItem(KEY, key);
  } catch {
    // As above.
  }
  look();
});

look();
setInterval(() => {
  if (!document.hidden) look();
}, EVERY_MS);
