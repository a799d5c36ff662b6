// Calls to the search service. Every failure becomes a ServiceError; a call that was superseded rejects with AbortError.

import { addressOf } from "./address.js";

const DEADLINE_MS = 15000;

/** A call that failed. `kind`: "problem" (the service said why), "network" (no answer) or "timeout". */
export class ServiceError extends Error {
  constructor(kind, { status = 0, title = "", detail = "" } = {}) {
    super(detail || title || kind);
    this.kind = kind;
    this.status = status;
    this.title = title;
    this.detail = detail;
  }
}

export function isAbort(error) {
  return error instanceof DOMException && error.name === "AbortError";
}

/** `GET /search`; the parameters are those of the page's address plus limit. */
export function fetchResults(state, limit, signal) {
  const parameters = new URLSearchParams(addressOf(state).slice(2));
  parameters.set("limit", limit);
  parameters.set("highlight", "true");
  parameters.set("explain", "true");
  parameters.set("facets", "category,group,car_brand,price");
  parameters.set("facet_values", "30");
  return getJson("/search", parameters, signal);
}

/** `GET /freshness`. */
export function fetchFreshness(signal) {
  return getJson("/freshness", {}, signal);
}

/** `GET /autocomplete`. */
export function fetchSuggestions(text, language, limit, signal) {
  return getJson("/autocomplete", { q: text, language, limit }, signal);
}

async function getJson(path, parameters, signal) {
  const call = new AbortController();
  const cancel = () => call.abort();
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    call.abort();
  }, DEADLINE_MS);
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel, { once: true });
  try {
    const answer = await fetch(`${path}?${new URLSearchParams(parameters)}`, {
      signal: call.signal,
      headers: { Accept: "application/json, application/problem+json" },
    });
    if (!answer.ok) throw await problemOf(answer);
    return await answer.json();
  } catch (error) {
    if (late) throw new ServiceError("timeout");
    if (isAbort(error) || error instanceof ServiceError) throw error;
    throw new ServiceError("network");
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", cancel);
  }
}

// RFC 9457 problem details; a proxy in between may answer with something else, then only the status is known.
async function problemOf(answer) {
  let body = {};
  if ((answer.headers.get("content-type") ?? "").includes("json")) body = await answer.json().catch(() => ({}));
  const text = (value) => (typeof value === "string" ? value : "");
  return new ServiceError("problem", { status: answer.status, title: text(body?.title), detail: text(body?.detail) });
}
